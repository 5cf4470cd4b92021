"""Where the time of a warm call goes, by who spends it, for docs/performance-tables.md.

Run it with: .venv/bin/python -m bench.time_spent

A profiler makes small functions dear: the shares are a guide, the sum is measured without it.
"""

import cProfile
import gc
import io
import itertools
import logging
import pstats
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from app.runtime.logs import logger
from tests.blocks import ROOT
from tests.events import http_api
from tests.rig import ERAS, Rig, message

CALLS = 2000
# The first that fits the file's path, or the name of a built-in function.
OWNERS = (
    ("app/auth", "auth (ours)"),
    ("app/protocol", "protocol (ours)"),
    ("/app/", "rest of app (ours)"),
    ("/mcp", "MCP SDK"),
    ("fastapi", "FastAPI and Starlette"),
    ("starlette", "FastAPI and Starlette"),
    ("mangum", "Mangum"),
    ("logging", "log line (logging, Powertools)"),
    ("aws_lambda_powertools", "log line (logging, Powertools)"),
    ("_io.", "log line (logging, Powertools)"),
    ("isoformat", "log line (logging, Powertools)"),
    ("rsa.RSAPublicKey", "RS256 (cryptography)"),
    ("pydantic", "pydantic"),
    ("asyncio", "event loop"),
    ("epoll", "event loop"),
    ("json", "JSON of body and token"),
    ("raw_decode", "JSON of body and token"),
)
KINDS = ("a new token", "a repeated token", "no token")


def main() -> None:
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(io.StringIO())
    gc.collect()
    gc.freeze()
    columns = {
        f"{kind}, {era}": _spent(kind, era)
        for kind, era in [*itertools.product(KINDS[:2], reversed(ERAS)), (KINDS[2], ERAS[1])]
    }
    first, *_ = columns.values()
    print("| µs of a call with | " + " | ".join(columns) + " |\n|---|" + "---:|" * len(columns))
    for owner in sorted(first.by_owner, key=lambda owner: -first.by_owner[owner]):
        print(f"| {owner} | " + " | ".join(f"{each.by_owner[owner]:.0f}" for each in columns.values()) + " |")
    print("| all, p50 without the profiler | " + " | ".join(f"{each.all:.0f}" for each in columns.values()) + " |")


@dataclass(frozen=True, slots=True)
class Spent:
    """Microseconds of one call."""

    all: float
    by_owner: Counter[str]


def _spent(kind: str, era: str) -> Spent:
    rig = Rig()
    rig.issuer.clock.now = time.time()
    events = _events(rig, kind, era)
    for _ in range(CALLS // 10):
        rig.handler(next(events), None)
    took = []
    for _ in range(CALLS):
        event, began = next(events), time.perf_counter()
        rig.handler(event, None)
        took.append(time.perf_counter() - began)
    profile = cProfile.Profile()
    for _ in range(CALLS):
        event = next(events)
        profile.runcall(rig.handler, event, None)
    by_owner: Counter[str] = Counter()
    for (path, _, name), (_, _, own, *_) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        by_owner[_owner(path, name)] += own
    whole, middle = sum(by_owner.values()), statistics.median(took) * 1e6
    return Spent(middle, Counter({owner: own / whole * middle for owner, own in by_owner.items()}))


def _events(rig: Rig, kind: str, era: str) -> Iterator[dict[str, Any]]:
    headers, body = message("tools/call", {"name": "whoami", "arguments": {}}, era)
    again = rig.issuer.token()
    for number in itertools.count():
        token = rig.issuer.token(jti=f"{number}") if kind == KINDS[0] else again
        bearer = {} if kind == KINDS[2] else {"authorization": f"Bearer {token}"}
        yield http_api(headers={**headers, **bearer}, body=body)


def _owner(path: str, name: str) -> str:
    place = f"{path.removeprefix(str(ROOT))}:{name}"
    return next((owner for part, owner in OWNERS if part in place), "Python itself")


if __name__ == "__main__":
    main()
