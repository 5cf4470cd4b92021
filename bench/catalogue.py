"""Measure what the number of tools costs: a list, a call, and finding them in their folder at the start.

Run it with: .venv/bin/python -m bench.catalogue
"""

import gc
import io
import logging
import statistics
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from app.protocol.catalogue.catalogue import collect_tools
from app.runtime.logs import logger
from tests.events import http_api
from tests.rig import ERAS, Rig, message

SIZES = (1, 10, 100, 1000)
ROUNDS, TIMES = 10, 40
CALL: dict[str, object] = {"name": "tool_0", "arguments": {"text": "a"}}
TOOL = '''
from app.authoring import tool


@tool(title="Tool {number}", read_only=True)
async def tool_{number}(text: str, times: int = 1) -> str:
    """Say it a number of times."""
    return text * times
'''


def main() -> None:
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        packages = {size: _package(Path(folder), size) for size in SIZES}
        found = {size: _timed_collect(package) for size, package in packages.items()}
        rigs = {size: Rig(tools=package) for size, package in packages.items()}
        gc.collect()
        gc.freeze()
        rows = {(size, era): _measure(rigs[size], era) for size in SIZES for era in ERAS}
    print("| tools | found at start, ms | era | tools/list p50 ms | tools/call p50 ms |")
    print("|---|---|---|---|---|")
    for (size, era), (listed, called) in rows.items():
        print(f"| {size} | {found[size]:.1f} | {era} | {listed:.3f} | {called:.3f} |")


def _package(folder: Path, size: int) -> ModuleType:
    name = f"tools_{size}"
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    for number in range(size):
        (folder / name / f"tool_{number}.py").write_text(TOOL.format(number=number))
    return import_module(name)


def _timed_collect(package: ModuleType) -> float:
    """The first time, which imports the files."""
    began = time.perf_counter()
    collect_tools(package)
    return (time.perf_counter() - began) * 1000


def _measure(rig: Rig, era: str) -> tuple[float, float]:
    listed: list[float] = []
    called: list[float] = []
    for _ in range(ROUNDS):
        listed += [_timed(rig, "tools/list", {}, era) for _ in range(TIMES)]
        called += [_timed(rig, "tools/call", CALL, era) for _ in range(TIMES)]
    return statistics.median(listed), statistics.median(called)


def _timed(rig: Rig, method: str, params: dict[str, object], era: str) -> float:
    headers, body = message(method, params, era)
    event = http_api(headers={**headers, "authorization": f"Bearer {rig.issuer.token()}"}, body=body)
    began = time.perf_counter()
    result = rig.handler(event, None)
    took = (time.perf_counter() - began) * 1000
    assert result["statusCode"] == 200
    return took


if __name__ == "__main__":
    main()
