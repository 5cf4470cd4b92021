"""Measure the artefact and print docs/runtime.md's table: `make runtime-figures`."""

import platform
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer
from tests.runtime.artefact import Artefact, emulator, make_artefact
from tests.runtime.emulator import Emulator
from tests.runtime.runtime_api import SnapStart

ROUNDS = 7
WARM_CALLS = 200
HANDLERS = {"whoami": "app.handler.handler", "me": "tests.runtime.probe.patient"}
KINDS = {"on-demand": "not warmed up", "snap-start": "warmed up before the snapshot"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, loopback_issuer() as vendor:
        artefact = make_artefact(Path(folder))
        print(f"{datetime.now(UTC):%Y-%m-%d}, {_versions(artefact)}. Milliseconds, {ROUNDS} starts each.\n")
        print("| what | median | least | most |\n|---|---|---|---|")
        for name, values in (*_emulated(artefact, vendor, Path(folder)), *_restored(artefact, vendor)):
            print(f"| {name} | {statistics.median(values):.1f} | {min(values):.1f} | {max(values):.1f} |")


def _versions(artefact: Artefact) -> str:
    python = subprocess.run([artefact.interpreter, "--version"], capture_output=True, text=True, check=True)
    packages = [
        next(folder.glob(f"{name}-*.dist-info")).name.removesuffix(".dist-info")
        for folder, name in ((artefact.libraries, "awslambdaric"), (emulator().parents[3], "aws_sam_cli"))
    ]
    return f"{python.stdout.strip()} on {platform.machine()}, {packages[0]}, the emulator of {packages[1]}"


def _emulated(artefact: Artefact, vendor: LoopbackIssuer, folder: Path) -> Iterator[tuple[str, list[float]]]:
    inits, first, warm = [], [], []
    for _ in range(ROUNDS):
        with Emulator(artefact, folder / "log", vendor.settings) as function:
            for _ in range(WARM_CALLS + 1):
                assert function.send(vendor.call("whoami")).status == 200
            inits += function.inits
            first.append(function.durations[0])
            warm.append(statistics.median(function.durations[1:]))
    yield "INIT", inits
    yield "first `whoami` after INIT, which fetches the keys", first
    yield f"warm `whoami`, p50 of {WARM_CALLS}", warm


def _restored(artefact: Artefact, vendor: LoopbackIssuer) -> Iterator[tuple[str, list[float]]]:
    for tool, handler in HANDLERS.items():
        # In turn: whatever else the machine does, it does to both.
        rounds = [
            [
                _first_call(SnapStart(artefact, vendor.settings, handler=handler, kind=kind), vendor.call(tool))
                for kind in KINDS
            ]
            for _ in range(ROUNDS)
        ]
        for name, values in zip(KINDS.values(), zip(*rounds, strict=True), strict=True):
            yield f"first `{tool}`, {name}", list(values)


def _first_call(environment: SnapStart, event: Any) -> float:
    with environment as function:
        if function.wait_until_ready().endswith("/restore/next"):
            function.restore()
        answer, milliseconds = function.send(event)
        assert answer.json["result"]["isError"] is False
        return milliseconds


if __name__ == "__main__":
    main()
