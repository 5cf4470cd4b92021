"""What a call costs as things grow: tools, sets of permissions, the token, the age of the environment.

Run it with: .venv/bin/python -m bench.growth (QUICK=1 for fewer rounds)
"""

import gc
import io
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from app.runtime.logs import logger
from bench import age
from bench.report import markdown
from bench.subject import Figure
from tests.events import http_api
from tests.rig import ERAS, Rig, message

SIZES = (1, 10, 100, 1000)
TOKENS = (0.7, 2, 4, 8)
"""KiB; a little less, as no longer token is accepted."""
SETS = (1, 64, 65, 200)
"""Different sets of permissions whose holders take turns; the lists of 64 are kept."""
GUARDED = 100
TIMES = 10
"""Calls in one reading of the clock."""
CALL: dict[str, Any] = {"name": "tool_0", "arguments": {"text": "a"}}
_HEAD = "from app.authoring import permission, tool\n"
_TOOL = '''

@tool(title="Tool {number}", read_only=True{requires})
async def tool_{number}(text: str, times: int = 1) -> str:
    """Say it a number of times."""
    return text * times
'''


@dataclass(frozen=True, slots=True)
class Case:
    """One cell: its calls take turns with those of all others. No token was sent before."""

    table: str
    what: str
    era: str
    rig: Rig
    method: str
    params: dict[str, Any]
    claims: Sequence[dict[str, Any]] = ({},)

    def warm(self) -> None:
        """Everybody's turn once."""
        for number in range(-(len(self.claims) // TIMES) - 1, 0):
            self.read(number)

    def read(self, number: int) -> float:
        """CPU milliseconds for one call."""
        events = [self.event(number * TIMES + at) for at in range(TIMES)]  # signed before the clock starts
        began = time.process_time()
        for event in events:
            assert self.rig.handler(event, None)["statusCode"] == 200
        return (time.process_time() - began) * 1000 / TIMES

    def event(self, number: int) -> dict[str, Any]:
        headers, body = message(self.method, self.params, self.era)
        claims = {"jti": f"{self.what} {number:06}", **self.claims[number % len(self.claims)]}
        return http_api(
            headers={**headers, "authorization": f"Bearer {self.rig.issuer.token(**claims)}"}, body=body
        )


def figures(quick: bool) -> list[Figure]:
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    usual = handler.setStream(io.StringIO())
    try:
        with tempfile.TemporaryDirectory() as folder:
            sys.path.insert(0, folder)
            cases = [case for era in ERAS for case in _cases(Path(folder), era)]
            sys.path.remove(folder)
        return [*_measured(cases, 5 if quick else 30), *age.figures(10_000 if quick else 100_000)]
    finally:
        if usual is not None:
            handler.setStream(usual)


def _cases(folder: Path, era: str) -> Iterator[Case]:
    for size in SIZES:
        rig = Rig(tools=_package(folder, size))
        yield Case("Growth: number of tools", f"tools/call, {size} tools", era, rig, "tools/call", CALL)
        yield Case("Growth: number of tools", f"tools/list, {size} tools", era, rig, "tools/list", {})
    for count in SETS:
        held = [{"permissions": [f"may:{at % GUARDED}", f"may:{at // GUARDED}"]} for at in range(count)]
        name, rig = f"tools/list, {count} sets", Rig(tools=_package(folder, GUARDED, guarded=True))
        yield Case(f"Growth: sets of permissions, {GUARDED} guarded tools", name, era, rig, "tools/list", {}, held)
    rig = Rig(tools=_package(folder, 1))
    plain = len(rig.issuer.token())
    for kib in TOKENS:
        note = "x" * max(0, int((kib * 1024 - plain) * 3 / 4) - 100)
        name = f"tools/call, token of {kib:g} KiB"
        yield Case("Growth: length of the token", name, era, rig, "tools/call", CALL, [{"note": note}])


def _package(folder: Path, size: int, *, guarded: bool = False) -> ModuleType:
    name = f"grown_{size}_{guarded}"
    if not (folder / name).exists():
        (folder / name).mkdir()
        (folder / name / "__init__.py").touch()
        requires = ', requires=permission("may:{number}")' if guarded else ""
        tools = (_TOOL.format(number=at, requires=requires.format(number=at)) for at in range(size))
        (folder / name / "tools.py").write_text(_HEAD + "".join(tools))
    return import_module(name)


def _measured(cases: Sequence[Case], rounds: int) -> list[Figure]:
    for case in cases:
        case.warm()
    gc.collect()
    gc.freeze()
    values: list[list[float]] = [[] for _ in cases]
    for number in range(rounds):
        for at in range(len(cases)):
            turn = (at + number) % len(cases)
            values[turn].append(cases[turn].read(number))
    gc.unfreeze()
    return [
        Figure.of(case.table, case.what, case.era, "CPU ms", found)
        for case, found in zip(cases, values, strict=True)
    ]


if __name__ == "__main__":
    print(markdown(figures(bool(os.environ.get("QUICK"))), {}))
