"""Answer one page of a list, with the cursors of its neighbours.

A cursor is the id of a row: `after` continues behind it, `before` returns the rows in front of it. `normal` is
WorkOS' word for newest first with the two cursors swapped: `after` leads to newer rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from starlette.responses import JSONResponse, Response

from infra.local.workos_api.errors import InvalidParameters
from infra.local.workos_api.query import Query
from infra.local.workos_api.rows import Row


def answer_page(rows: Sequence[Row], query: Query, *, hidden: Collection[str] = ()) -> Response:
    """Answer the requested page, without the fields in `hidden`. `rows` are oldest first."""
    if query.order == "normal":
        page, before, after = _page(rows[::-1], replace(query, before=query.after, after=query.before))
        before, after = after, before
    else:
        page, before, after = _page(rows if query.order == "asc" else rows[::-1], query)
    metadata = {"before": before, "after": after}
    shown = [{name: value for name, value in row.items() if name not in hidden} for row in page]
    return JSONResponse({"object": "list", "data": shown, "list_metadata": metadata})


def _page(rows: Sequence[Row], query: Query) -> tuple[Sequence[Row], object, object]:
    if query.before is not None:
        stop = _place(rows, "before", query.before)
        start = max(0, stop - query.limit)
    else:
        start = 0 if query.after is None else _place(rows, "after", query.after) + 1
        stop = min(len(rows), start + query.limit)
    page = rows[start:stop]
    before = page[0]["id"] if page and start > 0 else None
    after = page[-1]["id"] if page and stop < len(rows) else None
    return page, before, after


def _place(rows: Sequence[Row], name: str, cursor: str) -> int:
    place = next((place for place, row in enumerate(rows) if row["id"] == cursor), None)
    if place is None:
        raise InvalidParameters(name, why=f"{name} is not the id of a row of this list.")
    return place
