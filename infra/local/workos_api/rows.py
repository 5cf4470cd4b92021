"""Find JSON objects of the API by their id or by values."""

from collections.abc import Iterable

from infra.local.workos_api.errors import EntityNotFound

Row = dict[str, object]


def find(rows: Iterable[Row], id_: str, kind: str, key: str = "id") -> Row:
    """Find the row with an id.

    Raises:
        EntityNotFound: if there is none, with WorkOS' text for this kind.
    """
    found = next((row for row in rows if row[key] == id_), None)
    if found is None:
        raise EntityNotFound(kind, id_)
    return found


def matches(row: Row, wanted: dict[str, str | None]) -> bool:
    """Whether the row has all requested values; a value of None is not compared."""
    return all(value is None or row[key] == value for key, value in wanted.items())
