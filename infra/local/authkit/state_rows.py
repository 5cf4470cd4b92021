"""State that is a list of rows of one kind, such as the connected accounts, in a file or in memory."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from infra.local.authkit.state_file import StateError, read_json, write_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")


class StateRows(Generic[Row]):
    """The file of the rows.

    Args:
        path: where they are kept over a restart; None keeps nothing.
        name: the rows together, in the file.
        one: one of them, in the error.
        read_row: makes one from what the file has; raises TypeError or KeyError if that is incomplete.
    """

    def __init__(self, path: Path | None, name: str, one: str, read_row: Callable[[Any], Row]) -> None:
        self._path = path
        self._name = name
        self._one = one
        self._read_row = read_row

    def read(self) -> list[Row]:
        """Every row in the file. Before there is a file, there are no rows.

        Raises:
            StateError: if the file is damaged.
        """
        if self._path is None:
            return []
        rows = read_json(self._path).get(self._name, [])
        try:
            return [self._read_row(each) for each in (rows if isinstance(rows, list) else [rows])]
        except (TypeError, KeyError) as error:
            raise StateError(self._path, f"{self._one} in it is incomplete") from error

    def write(self, rows: Sequence[Row]) -> None:
        if self._path:
            write_json(self._path, {self._name: [asdict(each) for each in rows]})


def read_text(value: object) -> str:
    """The value of a field that is text.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, str):
        raise TypeError
    return value


def read_texts(value: object) -> tuple[str, ...]:
    """The value of a field that is a list of texts.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(read_text, value))
