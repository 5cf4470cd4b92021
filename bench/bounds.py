"""What heavy bodies cost the artefact under AWS's runtime client at 1024 MB: `make bounds`, for docs/failures.md.

`--save FILE` keeps the figures, `--beside FILE` shows kept ones of another version in the same table.
"""

import argparse
import json
import os
import platform
import queue
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from tests.events import http_api
from tests.hostile.shapes import Shape, shapes
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer
from tests.runtime.artefact import Artefact, make_artefact
from tests.runtime.runtime_api import SnapStart

SIZES = (113_000, 400_000, 4 * 1024 * 1024)
MEMORY_BYTES = 1024 * 1024 * 1024
"""Lambda ends an environment that takes more."""
MIB = 1024 * 1024
SHOWN = (
    "sampling answers of a call",
    "sampling answers of an unknown tool",
    "sampling answers of a prompt",
    "sampling answers of a resource",
    "empty answers",
    "roots",
    "icons in a call",
    "icons in initialize",
    "experimental in a call",
    "a prompt's arguments",
    "a completion's context",
    "argument: texts that are numbers",
    "argument: numbers",
    "argument: empty points",
    "argument: empty shapes",
    "argument: empty defaults",
    "argument: defaults as JSON in a text",
    "argument: a table of nothing",
    "argument: numbers of one hash",
    "argument: many members of an exact object",
    "argument: an expression that is none",
    "anything: deep lists",
    "anything: one wide character",
)
"""Without `--all`."""


@dataclass(frozen=True)
class Figures:
    outcome: str
    """The status, or how the environment ended."""
    cpu: float
    """Seconds."""
    memory: float
    """MiB at the peak, more than before."""
    next_is_right: bool


class Environment:
    """One environment of the function, which ends where Lambda would end it; a context manager."""

    def __init__(self, artefact: Artefact, vendor: LoopbackIssuer) -> None:
        settings = {**vendor.settings, "REQUEST_STATE_KEY": "a" * 43}
        self._vendor = vendor
        self._function = SnapStart(artefact, settings, handler="tests.hostile.probe.handler", kind="on-demand")
        self._peak = 0

    def __enter__(self) -> Self:
        self._function.__enter__()
        self._function.wait_until_ready()
        self._folder = Path(f"/proc/{self._function.process.pid}")
        threading.Thread(target=self._watch, daemon=True).start()
        for tool in ("lists", "tables", "trees", "scalars"):
            self._function.send(self._vendor.call(tool))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._function.__exit__(kind, error, trace)

    @property
    def has_ended(self) -> bool:
        return self._function.process.poll() is not None

    def measure(self, shape: Shape, size: int) -> Figures:
        headers, body = shape.written(size)
        bearer = {"authorization": f"Bearer {self._vendor.issuer.token()}"}
        event = http_api(headers={**headers, **bearer}, body=body)
        memory, cpu = self._memory(), self._cpu()
        self._peak = 0
        try:
            outcome = str(self._function.send(event)[0].status)
            return Figures(outcome, self._cpu() - cpu, (self._peak - memory) / MIB, self._serves())
        except queue.Empty:
            outcome = "killed" if self.has_ended else "no answer in 30 s"
            spent = 0.0 if self.has_ended else self._cpu() - cpu
            return Figures(outcome, spent, (self._peak - memory) / MIB, next_is_right=False)

    def _serves(self) -> bool:
        answer, _ = self._function.send(self._vendor.call("lists", numbers=[1]))
        return bool(answer.json["result"].get("structuredContent") == {"result": "user_01ALICE"})

    def _watch(self) -> None:
        while not self.has_ended:
            memory = self._memory()
            self._peak = max(self._peak, memory)
            if memory > MEMORY_BYTES:
                self._function.process.kill()
            time.sleep(0.001)

    def _memory(self) -> int:
        try:
            return int((self._folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):  # it has ended
            return 0

    def _cpu(self) -> float:
        user, system = (self._folder / "stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measure(
    artefact: Artefact, vendor: LoopbackIssuer, sizes: Sequence[int], *, every: bool
) -> Iterator[tuple[str, Figures]]:
    """Each shape in each size, in a new environment: what an earlier body needed is not there to be used again."""
    for name, shape in shapes():
        for size in sizes if every or name in SHOWN else ():
            vendor.issuer.clock.now = time.time()
            with Environment(artefact, vendor) as environment:
                yield f"{name}, {size / 1000:,.0f} kB", environment.measure(shape, size)


def table(measured: dict[str, Any], beside: dict[str, Any]) -> Iterator[str]:
    before = "| before | | " if beside else ""
    yield f"| body {before}| answer | CPU, s | memory, MiB | next call |"
    yield f"|---{'|---|---' if beside else ''}|---|---|---|---|"
    for name, figures in measured.items():
        old = f"| {_cell(beside.get(name))} " if beside else ""
        served = "served" if figures["next_is_right"] else "not served"
        yield f"| {name} {old}| {figures['outcome']} | {figures['cpu']:.2f} | {figures['memory']:.0f} | {served} |"


def _cell(figures: dict[str, Any] | None) -> str:
    if figures is None:
        return "| "
    lost = "" if figures["next_is_right"] else f" ({figures['outcome']})"
    return f"{figures['cpu']:.2f} s | {figures['memory']:.0f} MiB{lost}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bounds", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every shape of tests/hostile/shapes.py")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="bytes of each body")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--beside", type=Path)
    options = parser.parse_args()
    beside = json.loads(options.beside.read_text()) if options.beside else {}
    with tempfile.TemporaryDirectory() as folder, loopback_issuer() as vendor:
        artefact = make_artefact(Path(folder))
        measured = {
            name: asdict(each) for name, each in measure(artefact, vendor, options.sizes, every=options.all)
        }
        print(f"{datetime.now(UTC):%Y-%m-%d}, {artefact.interpreter.name} on {platform.machine()}.\n")
        print(*table(measured, beside), sep="\n")
        cpu, memory = (max(each[what] for each in measured.values()) for what in ("cpu", "memory"))
        print(f"\n{len(measured)} bodies: at most {cpu:.2f} s of CPU, {memory:.0f} MiB.")
    if options.save:
        options.save.write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
