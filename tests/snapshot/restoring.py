"""The process of tests/snapshot/function.py, and the environments that are restored in it one after the other."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.blocks import ROOT
from tests.rig import Answer


@dataclass(frozen=True)
class Environment:
    """One restored environment; its function is gone when the block ends."""

    function: "SnapStartFunction"

    def send(self, event: Mapping[str, Any]) -> Answer:
        told = self.function.ask(event)
        # What a first call imports could have been imported before the snapshot.
        assert told["imported"] == []
        assert told["built"] == []
        result = told["result"]
        return Answer(result["statusCode"], result["headers"], result["body"])


class SnapStartFunction:
    """A function whose snapshot was taken."""

    def __init__(self, tools: str, settings: Mapping[str, str]) -> None:
        path = os.pathsep.join([str(ROOT / "tests/snapshot/library"), str(ROOT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.snapshot.function", tools],
            env={"PYTHONPATH": path, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.before_the_snapshot = self._read()

    @contextmanager
    def restore(self) -> Iterator[Environment]:
        assert self.ask("restore") == "restored"
        yield Environment(self)
        assert self.ask("end") == "ended"

    def ask(self, line: Any) -> Any:
        assert self._process.stdin is not None
        print(json.dumps(line), file=self._process.stdin, flush=True)
        return self._read()

    def close(self) -> None:
        self._process.communicate()  # the end of its stdin is its end
        assert self._process.returncode == 0

    def _read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())
