"""JSON objects of the API, and finding one by its id."""

from collections.abc import Iterable

from infra.local.workos_api.errors import EntityNotFound

Row = dict[str, object]


def find(rows: Iterable[Row], id_: str, kind: str, key: str = "id") -> Row:
    """The row.

    Raises:
        EntityNotFound: if there is none, as WorkOS says it of this kind.
    """
    found = next((row for row in rows if row[key] == id_), None)
    if found is None:
        raise EntityNotFound(kind, id_)
    return found


def matches(row: Row, wanted: dict[str, str | None]) -> bool:
    """Whether the row has each value that is asked for; None asks for nothing."""
    return all(value is None or row[key] == value for key, value in wanted.items())
