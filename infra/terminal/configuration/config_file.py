"""One configuration file: what it has under a name, its text with the new entry, and writing that text."""

import difflib
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.terminal.command import TerminalError
from infra.terminal.configuration import json_text, toml_text
from infra.terminal.configuration.json_text import NotEditable, find_table


@dataclass(frozen=True, slots=True)
class ConfigFile:
    path: Path
    text: str
    """Empty if there is no file."""

    @classmethod
    def read(cls, path: Path) -> "ConfigFile":
        """Read the file.

        Raises:
            TerminalError: if it is there, but cannot be read.
        """
        try:
            return cls(path, path.read_bytes().decode())
        except FileNotFoundError:
            return cls(path, "")
        except UnicodeDecodeError:
            raise TerminalError(f"{path} is not UTF-8 text, so nothing was changed") from None
        except OSError as error:
            raise TerminalError(f"{path} cannot be read: {error.strerror}") from None

    @property
    def is_toml(self) -> bool:
        return self.path.suffix == ".toml"

    def find_entry(self, table: Sequence[str], name: str) -> object:
        """What the file has under this name; None if it has nothing.

        Raises:
            NotEditable: if the file cannot be understood.
        """
        if not self.text.strip("\ufeff \t\r\n"):
            return None
        document = toml_text.read_toml(self.text) if self.is_toml else json_text.read_json(self.text)
        return find_table(document, table).get(name)

    def has_table(self, table: Sequence[str]) -> bool:
        try:
            return bool(self.text.strip()) and bool(find_table(json_text.read_json(self.text), table))
        except NotEditable:
            return False

    def add_entry(self, table: Sequence[str], name: str, entry: Mapping[str, object]) -> str:
        """The text with the entry.

        Raises:
            NotEditable: if it cannot be added safely.
        """
        add = toml_text.add_entry if self.is_toml else json_text.add_entry
        return add(self.text, table, name, entry)

    def show_changes(self, changed: str) -> str:
        """The difference, as a patch shows it."""
        lines = difflib.unified_diff(
            self.text.splitlines(), changed.splitlines(), str(self.path), str(self.path), lineterm=""
        )
        return "\n".join(lines)

    def write(self, changed: str) -> None:
        """Replace the file in one step. A link stays a link, and the permissions stay as they are.

        Raises:
            TerminalError: if the file is read-only or cannot be written; then it is as before.
        """
        target = self.path.resolve()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_read_umask()
            if not mode & 0o222:  # the replacement below would succeed all the same
                raise TerminalError(f"{self.path} is read-only, so it was not changed")
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(changed.encode())
                Path(temporary).chmod(mode)
                Path(temporary).replace(target)
            finally:
                Path(temporary).unlink(missing_ok=True)
        except OSError as error:
            raise TerminalError(f"{self.path} cannot be written: {error.strerror}") from None


def _read_umask() -> int:
    # The only way to read the umask is to set it.
    umask = os.umask(0)
    os.umask(umask)
    return umask
