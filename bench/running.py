"""A subject in a process of its own, which answers calls one after the other, as a Lambda environment does."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.subject import Subject

PROGRAM = Path(__file__).with_name("drive.py")


class NoFigure(Exception):
    """The subject did not answer as it should, so what it took is worth nothing; the message says how."""


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: str
    count: int


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of each call, and the different answers that there were."""

    wall: list[float]
    cpu: list[float]
    answers: list[Answered]


class Running:
    """Entering starts the process and imports the module."""

    def __init__(self, subject: Subject, issuer: str) -> None:
        self.subject, self._issuer = subject, issuer
        self.started: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*self.subject.command, str(PROGRAM), self.subject.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=self.subject.variables(self._issuer),
            cwd=self.subject.folder,
            text=True,
        )
        try:
            self.started = self._ask({"do": "start"})
        except NoFigure:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def call(self, events: list[str]) -> Timed:
        told = self._ask({"do": "call", "events": events})
        return Timed(told["wall"], told["cpu"], [Answered(**answer) for answer in told["answers"]])

    def look(self) -> dict[str, Any]:
        """Memory in bytes, CPU seconds, modules."""
        return self._ask({"do": "look"})

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(timeout=10)  # its last words come after the pipe has closed
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip()[-2000:]
            raise NoFigure(f"{self.subject.key} ended at {command['do']}: {said}")
        told: dict[str, Any] = json.loads(line)
        return told
