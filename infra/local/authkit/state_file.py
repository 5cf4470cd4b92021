"""Read and write state that survives a restart: small JSON files, replaced in one step."""

import json
import os
import tempfile
from pathlib import Path

from infra.local.authkit.json_objects import read_object


class StateError(Exception):
    """A state file is damaged; the message names it and the fix."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} is damaged ({what}); delete it and start again")


def read_json(path: Path) -> dict[str, object]:
    """Read the object in the file; empty if there is no file yet.

    Raises:
        StateError: if the file holds anything but a JSON object.
    """
    try:
        return read_object(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StateError(path, "it is not a JSON object") from error


def write_json(path: Path, document: object) -> None:
    write_private(path, json.dumps(document, indent=1).encode())


def write_private(path: Path, content: bytes) -> None:
    """Replace the file in one step, so that a crash leaves the old content or the new; mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
