"""Read rows from WorkOS, which sends pages of 100, up to a maximum."""

from collections.abc import AsyncIterator
from typing import TypeVar

Row = TypeVar("Row")


async def read_rows(rows: AsyncIterator[Row], most: int) -> tuple[list[Row], bool]:
    """The first `most` rows, and whether these are all."""
    found: list[Row] = []
    async for row in rows:
        if len(found) == most:
            return found, False
        found.append(row)
    return found, True
