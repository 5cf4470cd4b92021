"""Measure what each kind of requirement costs a warm call, for docs/authorisation.md.

Run it with: .venv/bin/python -m bench.authorisation
"""

import gc
import io
import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from app.access.cache import CACHE_SECONDS
from app.runtime.logs import logger
from tests.access.world import World, running
from tests.events import http_api
from tests.rig import message

ROUNDS, TIMES, COLD = 15, 100, 40
CLAIMS = {"permissions": ["reports:write"], "role": "admin", "feature_flags": ["report-export"]}


def main() -> None:
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(io.StringIO())
    with pytest.MonkeyPatch.context() as patch, running(patch) as world:
        warm: dict[str, Callable[[], float]] = {
            "no requirement": _caller(world, "people"),
            "people and machines": _caller(world, "everyone"),
            "a scope": _caller(world, "by_scope", scope="openid reports:write"),
            "a permission that the token says": _caller(world, "by_permission", **CLAIMS),
            "a permission that WorkOS said, kept": _caller(world, "by_permission"),
            "a flag that WorkOS said, kept": _caller(world, "by_flag"),
            "a check of an argument": _caller(world, "by_argument"),
            "tools/list of 19 tools": _lister(world),
        }
        samples: dict[str, list[float]] = {name: [] for name in warm}
        gc.collect()
        gc.freeze()
        for _ in range(ROUNDS):
            for name, call in warm.items():
                samples[name] += [call() for _ in range(TIMES)]
        samples["a permission that WorkOS is asked for"] = [_cold(world) for _ in range(COLD)]
    print("| a call with | p50 ms | p99 ms |\n|---|---|---|")
    for name, values in samples.items():
        ordered = sorted(values)
        print(f"| {name} | {statistics.median(ordered):.3f} | {ordered[int(len(ordered) * 0.99)]:.3f} |")


def _caller(world: World, tool: str, **claims: Any) -> Callable[[], float]:
    return _timed(world, "tools/call", {"name": tool, "arguments": {}}, claims)


def _lister(world: World) -> Callable[[], float]:
    return _timed(world, "tools/list", {}, {})


def _timed(world: World, method: str, params: dict[str, Any], claims: dict[str, Any]) -> Callable[[], float]:
    headers, body = message(method, params)

    def call() -> float:
        # Signing is the issuer's work: the token is new each time, and made before the clock starts.
        token = world.token("ada", **claims)
        event = http_api(headers={**headers, "authorization": f"Bearer {token}"}, body=body)
        began = time.perf_counter()
        result = world.rig.handler(event, None)
        took = (time.perf_counter() - began) * 1000
        assert result["statusCode"] == 200
        return took

    return call


def _cold(world: World) -> float:
    world.rig.issuer.clock.now += CACHE_SECONDS
    return _caller(world, "by_permission")()


if __name__ == "__main__":
    main()
