"""Rows of WorkOS, which come a hundred to a page: read on, up to a bound, and say whether that was all."""

from collections.abc import AsyncIterator
from typing import TypeVar

Row = TypeVar("Row")


async def read_rows(rows: AsyncIterator[Row], most: int) -> tuple[list[Row], bool]:
    """At most so many rows, and whether they are complete."""
    found: list[Row] = []
    async for row in rows:
        if len(found) == most:
            return found, False
        found.append(row)
    return found, True
