"""What a list method answers: the pages that this caller may see, made once for all who see the same."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp_types import INVALID_PARAMS, PaginatedRequestParams
from pydantic import BaseModel

from app.protocol.guard import Failed, Guard, Guarded

PAGE_SIZE = 1000
REMEMBERED = 64
"""Sets of visible things for which a list keeps its pages."""

Pages: TypeAlias = Mapping[str | None, dict[str, Any]]


class Listing:
    """One list method, such as tools/list. The order is that of the names, on every environment."""

    def __init__(
        self, key: str, offered: Sequence[tuple[Guarded, BaseModel]], guard: Guard, page_size: int = PAGE_SIZE
    ) -> None:
        """`key` is the list's own member in the result, such as "tools"."""
        self._key = key
        self._offered = [guarded for guarded, _ in offered]
        # Dumped here: for hundreds of schemas it takes longer than all the rest of the call.
        self._entries = [entry.model_dump(by_alias=True, mode="json", exclude_none=True) for _, entry in offered]
        self._guard = guard
        self._page_size = page_size
        self._pages = lru_cache(maxsize=REMEMBERED)(self._make_pages)

    async def __call__(self, context: ServerRequestContext[Any], params: PaginatedRequestParams) -> dict[str, Any]:
        """The page that the cursor names.

        Raises:
            Failed: the cursor is of no page, or of one that this caller does not have any more.
        """
        visible = await self._guard.visible(self._offered)
        page = self._pages(visible.shown).get(params.cursor)
        if page is None:
            raise Failed(INVALID_PARAMS, "There is no such page, or the list has changed. Begin without a cursor.")
        return {**page, "ttlMs": visible.ttl_ms, "cacheScope": "private"}

    def _make_pages(self, shown: tuple[bool, ...]) -> Pages:
        entries = [entry for entry, is_shown in zip(self._entries, shown, strict=True) if is_shown]
        parts = [entries[at : at + self._page_size] for at in range(0, len(entries), self._page_size)] or [[]]
        # A cursor stands for a page of exactly this list: a part of another one would have gaps and repeats.
        names = [self._key, str(self._page_size), *(str(entry["name"]) for entry in entries)]
        seal = hashlib.sha256("\n".join(names).encode()).hexdigest()
        cursors = [None, *(f"{seal[:16]}.{number}" for number in range(1, len(parts)))]
        following = [*cursors[1:], None]
        return {
            cursor: {self._key: part, "resultType": "complete", **({"nextCursor": after} if after else {})}
            for cursor, after, part in zip(cursors, following, parts, strict=True)
        }
