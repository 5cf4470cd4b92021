"""A gateway that runs in the test's process, before a handler that the test wrote."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2

from infra.local.gateway import Gateway
from infra.local.loopback import LoopbackServer

PATIENCE = 120.0
"""Seconds after which a test gives up on something that should have happened at once."""


class Terminal:
    """The lines that the gateway says, and a way to wait for one."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._said = threading.Condition()

    def say(self, line: str) -> None:
        with self._said:
            self.lines.append(line)
            self._said.notify_all()

    def wait_for(self, text: str, times: int = 1) -> str:
        """The newest line with the text, once there are that many."""
        with self._said:
            self._wait(lambda: len(self._with(text)) >= times, text)
            return self._with(text)[-1]

    def wait_for_match(self, pattern: str) -> str:
        """The first line that the pattern is found in, once there is one."""
        with self._said:
            self._wait(lambda: bool(self._matching(pattern)), pattern)
            return self._matching(pattern)[0]

    def _wait(self, is_there: Callable[[], bool], what: str) -> None:
        self._said.wait_for(lambda: is_there() or self._is_over(), PATIENCE)
        assert is_there(), f"{what!r} is not in {self.lines}"

    def _is_over(self) -> bool:
        """Whether nothing else will be said, so that waiting longer is of no use."""
        return False

    def _matching(self, pattern: str) -> list[str]:
        return [line for line in self.lines if re.search(pattern, line)]

    def _with(self, text: str) -> list[str]:
        return [line for line in self.lines if text in line]


@dataclass(frozen=True, slots=True)
class Running:
    gateway: Gateway
    server: LoopbackServer
    client: httpx2.Client
    terminal: Terminal
    folder: Path

    def write(self, source: str) -> None:
        """Save the handler's module anew."""
        (self.folder / "function.py").write_text(source, encoding="utf-8")


Serve = Callable[..., Running]
