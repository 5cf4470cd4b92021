"""Keep executions in files, one each, so that they survive a restart.

They hold arguments and results: only the developer may read them. A file is replaced without fsync: if the machine
itself stops, the last checkpoints of a developer's own work may be lost, and each of them is faster for it.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.local.authkit.state_file import StateError, read_json, write_json
from infra.local.durable.execution import Execution


class ExecutionStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, say: Callable[[str], None]) -> Iterator[Execution]:
        """All executions but those whose file is damaged, of which the developer is told.

        What a process left that was killed while it wrote a file is deleted.
        """
        for unfinished in self._folder.glob(".*.json.*"):
            unfinished.unlink(missing_ok=True)
        for path in sorted(self._folder.glob("*.json")):
            try:
                yield self._read(path)
            except StateError as error:
                say(f"{error}. Its work does not go on.")

    def save(self, execution: Execution) -> None:
        write_json(self._path(execution), execution.to_json())

    def delete(self, execution: Execution) -> None:
        self._path(execution).unlink(missing_ok=True)

    def _read(self, path: Path) -> Execution:
        try:
            return Execution.from_json(read_json(path))
        except TypeError as error:
            raise StateError(path, "this version cannot read it") from error

    def _path(self, execution: Execution) -> Path:
        return self._folder / f"{hashlib.sha256(execution.arn.encode()).hexdigest()[:32]}.json"
