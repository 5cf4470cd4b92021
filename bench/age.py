"""What a call costs in an environment that has served many: its first thousand calls beside its last."""

import time
from collections.abc import Sequence
from typing import Any

from bench.subject import Figure
from tests.events import http_api
from tests.rig import ERAS, Rig, message

TOKENS = 1000
"""Sent in turn: more than an environment remembers, so each is new when its turn comes again."""
BATCH = 100
"""Calls in one reading of the clock."""


def figures(calls: int) -> list[Figure]:
    found = []
    for era in ERAS:
        rig = Rig()
        events = [_event(rig, era, number) for number in range(TOKENS)]
        took = [_thousand(rig, events) for _ in range(calls // TOKENS)]
        for what, readings in ((f"the first 1,000 of {calls:,}", took[0]), ("the last 1,000", took[-1])):
            found.append(
                Figure.of("Growth: age of the environment", f"tools/call, {what}", era, "CPU ms", readings)
            )
    return found


def _event(rig: Rig, era: str, number: int) -> dict[str, Any]:
    headers, body = message("tools/call", {"name": "whoami"}, era)
    token = rig.issuer.token(jti=f"{number:06}")
    return http_api(headers={**headers, "authorization": f"Bearer {token}"}, body=body)


def _thousand(rig: Rig, events: Sequence[dict[str, Any]]) -> list[float]:
    """CPU milliseconds for one call, as each batch has it."""
    readings = []
    for at in range(0, len(events), BATCH):
        began = time.process_time()
        for event in events[at : at + BATCH]:
            assert rig.handler(event, None)["statusCode"] == 200
        readings.append((time.process_time() - began) * 1000 / BATCH)
    return readings
