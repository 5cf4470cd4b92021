"""One environment of the function, as far as the quota goes: calls as fast as it can, and says how many passed.

A process of its own, not imported: `python -m tests.deploy.quota_environment '{"rules": ..., ...}'`. It writes a
line when it is ready, waits for one on standard input, and ends with its figures as JSON.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from itertools import chain
from statistics import median
from typing import Any

from app.access.quota import Quota
from app.access.quota_rules import QuotaRules
from app.access.quota_table import DynamoTable
from tests.quota import caller

PATIENT = 20.0
"""Seconds for one count: a slow machine is no outage, and an attempt that is repeated may count twice."""
AT_ONCE = 8


async def calls(asked: dict[str, Any]) -> dict[str, Any]:
    rules = QuotaRules(**asked["rules"])
    table = DynamoTable(rules.table, PATIENT)
    # A moment that all environments have in common, so that no window ends under the test.
    quota = Quota(rules, table, lambda: asked["now"])
    first = await timed(quota, f"warm-{asked['name']}")
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)

    users = iter([asked["users"][number % len(asked["users"])] for number in range(asked["calls"])])

    async def worker() -> list[str]:
        return [(await timed(quota, user, asked["organization"]))[0] for user in users]

    outcomes = Counter(chain(*await asyncio.gather(*(worker() for _ in range(AT_ONCE)))))
    alone = [(await timed(quota, f"alone-{number}-{asked['name']}"))[1] for number in range(100)]
    return {"outcomes": outcomes, "first_ms": first[1], "median_ms": median(alone)}


async def timed(quota: Quota, user: str, organization: str | None = None) -> tuple[str, float]:
    began = time.perf_counter()
    over = await quota.take(caller(user, organization))
    return (over.reason if over else "passed"), (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    print(json.dumps(asyncio.run(calls(json.loads(sys.argv[1])))))
