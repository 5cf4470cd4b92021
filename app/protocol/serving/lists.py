"""What a list method answers: the pages that this caller may see, made once for all who see the same."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp_types import INVALID_PARAMS, PaginatedRequestParams
from pydantic import BaseModel

from app.protocol.serving.direct import DirectContext
from app.protocol.serving.guard import Failed, Guard, Guarded
from app.protocol.serving.wire import wire_result

PAGE_SIZE = 1000
REMEMBERED = 64
"""Sets of visible things for which a list keeps its pages."""

Cuts: TypeAlias = Mapping[str | None, tuple[Sequence[int], str | None]]
"""By cursor: the places of a page's entries, and the cursor of the page behind it."""


class Listing:
    """One list method, such as tools/list. The order is that of the names, on every environment."""

    def __init__(
        self,
        method: str,
        key: str,
        offered: Sequence[tuple[Guarded, BaseModel]],
        guard: Guard,
        *,
        page_size: int = PAGE_SIZE,
        stamp: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        """`key` is the list's own member in the result, such as "tools"; `stamp` gives that of `wire_result`."""
        self._method = method
        self._key = key
        # What asks the same is one object (see declare()), so that a list of any length costs a decision for each.
        distinct = {id(guarded.access): guarded.access for guarded, _ in offered}
        number = {key: number for number, key in enumerate(distinct)}
        self._accesses = list(distinct.values())
        self._access_of = [number[id(guarded.access)] for guarded, _ in offered]
        # Dumped here: for hundreds of schemas it takes longer than all the rest of the call.
        self._entries = [entry.model_dump(by_alias=True, mode="json", exclude_none=True) for _, entry in offered]
        self._guard = guard
        self._page_size = page_size
        self._stamp = stamp
        self._cuts = lru_cache(maxsize=REMEMBERED)(self._make_cuts)
        self._page = lru_cache(maxsize=REMEMBERED)(self._make_page)
        self._sent: dict[tuple[int, str], dict[str, Any]] = {}
        """Entries in a version's words, each made once: all pages that show it share it."""

    async def __call__(self, context: ServerRequestContext[Any], params: PaginatedRequestParams) -> dict[str, Any]:
        """The page that the cursor names.

        Raises:
            Failed: the cursor is of no page, or of one that this caller does not have any more.
        """
        return await self._answer(params.cursor, None)

    async def directly(self, context: DirectContext) -> dict[str, Any]:
        """The same, as it is sent."""
        return await self._answer(context.params.get("cursor"), context.protocol_version)

    async def _answer(self, cursor: str | None, version: str | None) -> dict[str, Any]:
        visible = await self._guard.visible(self._accesses)
        if cursor not in self._cuts(visible.shown):
            raise Failed(INVALID_PARAMS, "There is no such page, or the list has changed. Begin without a cursor.")
        page = self._page(visible.shown, cursor, version)
        # The era before has no word for how long a list may be kept.
        return {**page, "ttlMs": visible.ttl_ms} if "ttlMs" in page else page

    def _make_cuts(self, shown: tuple[bool, ...]) -> Cuts:
        own = [place for place, access in enumerate(self._access_of) if shown[access]]
        parts = [own[at : at + self._page_size] for at in range(0, len(own), self._page_size)] or [[]]
        # A cursor stands for a page of exactly this list: a part of another one would have gaps and repeats.
        names = [self._key, str(self._page_size), *(str(self._entries[place]["name"]) for place in own)]
        seal = hashlib.sha256("\n".join(names).encode()).hexdigest()
        cursors = [None, *(f"{seal[:16]}.{number}" for number in range(1, len(parts)))]
        return dict(zip(cursors, zip(parts, [*cursors[1:], None], strict=True), strict=True))

    def _make_page(self, shown: tuple[bool, ...], cursor: str | None, version: str | None) -> dict[str, Any]:
        places, after = self._cuts(shown)[cursor]
        page: dict[str, Any] = {self._key: [], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        if after is not None:
            page["nextCursor"] = after
        if version is None:  # for the SDK, which sees to the version itself
            return {**page, self._key: [self._entries[place] for place in places]}
        around = wire_result(self._method, version, page, self._stamp())
        return {**around, self._key: [self._entry(place, version) for place in places]}

    def _entry(self, place: int, version: str) -> dict[str, Any]:
        if (place, version) not in self._sent:
            page = {
                self._key: [self._entries[place]],
                "resultType": "complete",
                "ttlMs": 0,
                "cacheScope": "private",
            }
            (self._sent[place, version],) = wire_result(self._method, version, page, {})[self._key]
        return self._sent[place, version]
