"""Measure what it costs a warm call to say something, for docs/calls.md.

Run it with: .venv/bin/python -m bench.notifications
"""

import gc
import io
import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from app.runtime.logs import logger
from tests.catalogues import calling
from tests.events import http_api
from tests.rig import ERAS, Rig, message

ROUNDS, TIMES = 30, 50
STEPS = list(range(1, 11))
LOG_LEVEL = "io.modelcontextprotocol/logLevel"


def main() -> None:
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(io.StringIO())
    rig = Rig(tools=calling)
    calls: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "says nothing": ("counts", {"steps": []}, {"progressToken": 1}),
        "10 times progress, which the client did not ask for": ("counts", {"steps": STEPS}, {}),
        "10 times progress": ("counts", {"steps": STEPS}, {"progressToken": 1}),
        "10 log messages": ("logs", {"levels": ["error"] * 10, "data": {"a": 1}}, {LOG_LEVEL: "info"}),
    }
    timed = {(name, era): _timed(rig, era, *call) for name, call in calls.items() for era in ERAS}
    samples: dict[tuple[str, str], list[float]] = {key: [] for key in timed}
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        for key, call in timed.items():
            samples[key] += [call() for _ in range(TIMES)]
    print(f"| a tool that | {' | '.join(f'{era}, p50 ms' for era in ERAS)} |\n|---|---|---|")
    for name in calls:
        print(f"| {name} | {' | '.join(f'{statistics.median(samples[name, era]):.2f}' for era in ERAS)} |")


def _timed(rig: Rig, era: str, tool: str, arguments: dict[str, Any], meta: dict[str, Any]) -> Callable[[], float]:
    headers, body = message("tools/call", {"name": tool, "arguments": arguments, "_meta": meta}, era)
    event = http_api(headers={**headers, "authorization": f"Bearer {rig.issuer.token()}"}, body=body)

    def call() -> float:
        began = time.perf_counter()
        result = rig.handler(event, None)
        took = (time.perf_counter() - began) * 1000
        assert result["statusCode"] == 200
        return took

    return call


if __name__ == "__main__":
    main()
