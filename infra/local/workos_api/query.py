"""Read the query of a list request: only known parameters, each at most once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request

from infra.local.workos_api.errors import InvalidParameters

Order = Literal["asc", "desc", "normal"]
_ORDERS: dict[str, Order] = {"asc": "asc", "desc": "desc", "normal": "normal"}
_PAGING = ("limit", "before", "after", "order")


@dataclass(frozen=True, slots=True)
class Query:
    """The position in the list, and the filters by name."""

    limit: int
    before: str | None
    after: str | None
    order: Order
    filters: Mapping[str, str]

    def filter(self, name: str) -> str | None:
        return self.filters.get(name)

    def listed(self, name: str) -> tuple[str, ...] | None:
        """The values of a filter that takes several, joined by commas."""
        value = self.filters.get(name)
        return None if value is None else tuple(value.split(","))


def read_query(request: Request, *filters: str) -> Query:
    """Read the query of the request.

    Raises:
        InvalidParameters: if a parameter is unknown, repeated, empty or out of range.
    """
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in (*_PAGING, *filters):
            raise InvalidParameters(name, "unknown")
        if name in values or not value:
            raise InvalidParameters(name)
        values[name] = value
    if "before" in values and "after" in values:
        raise InvalidParameters("before", why="Send before or after, not both.")
    return Query(
        _limit(values.pop("limit", "10")),
        values.pop("before", None),
        values.pop("after", None),
        _order(values.pop("order", "desc")),
        values,
    )


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= 100):
        raise InvalidParameters("limit", why="limit must be a whole number from 1 to 100.")
    return int(text)


def _order(text: str) -> Order:
    order = _ORDERS.get(text)
    if order is None:
        raise InvalidParameters("order", why="order must be asc, desc or normal.")
    return order
