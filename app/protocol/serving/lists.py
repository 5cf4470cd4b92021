"""What a list method answers: the pages that this caller may see, made once for all who see the same."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp_types import INVALID_PARAMS, PaginatedRequestParams
from mcp_types.methods import SERVER_RESULTS
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.alias_generators import to_snake

from app.protocol.serving.guard import Guard, Guarded
from app.protocol.wire.errors import Failed

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
    ) -> None:
        """`key` is the list's own member in the result, such as "tools"."""
        self._method = method
        self._key = key
        # What asks the same is one object (see declare()), so that a list of any length costs a decision for each.
        distinct = {id(guarded.access): guarded.access for guarded, _ in offered}
        number = {key: number for number, key in enumerate(distinct)}
        self._accesses = list(distinct.values())
        self._access_of = [number[id(guarded.access)] for guarded, _ in offered]
        self._entries = [entry.model_dump(by_alias=True, mode="json", exclude_none=True) for _, entry in offered]
        self._guard = guard
        self._page_size = page_size
        self._cuts = lru_cache(maxsize=REMEMBERED)(self._make_cuts)
        self._page = lru_cache(maxsize=REMEMBERED)(self._make_page)
        self._valid: dict[tuple[int, str], Any] = {}

    async def __call__(self, context: ServerRequestContext[Any], params: PaginatedRequestParams) -> dict[str, Any]:
        """The page that the cursor names.

        Raises:
            Failed: the cursor is of no page, or of one that this caller does not have any more.
        """
        visible = await self._guard.visible(self._accesses)
        if params.cursor not in self._cuts(visible.shown):
            raise Failed(INVALID_PARAMS, "There is no such page, or the list has changed. Begin without a cursor.")
        page = self._page(visible.shown, params.cursor, context.protocol_version)
        return {**page, "ttlMs": visible.ttl_ms}

    def _make_cuts(self, shown: tuple[bool, ...]) -> Cuts:
        own = [place for place, access in enumerate(self._access_of) if shown[access]]
        parts = [own[at : at + self._page_size] for at in range(0, len(own), self._page_size)] or [[]]
        # A cursor stands for a page of exactly this list: a part of another one would have gaps and repeats.
        names = [self._key, str(self._page_size), *(str(self._entries[place]["name"]) for place in own)]
        seal = hashlib.sha256("\n".join(names).encode()).hexdigest()
        cursors = [None, *(f"{seal[:16]}.{number}" for number in range(1, len(parts)))]
        return dict(zip(cursors, zip(parts, [*cursors[1:], None], strict=True), strict=True))

    def _make_page(self, shown: tuple[bool, ...], cursor: str | None, version: str) -> dict[str, Any]:
        places, after = self._cuts(shown)[cursor]
        entries = [self._entry(place, version) for place in places]
        page = {self._key: entries, "resultType": "complete", "cacheScope": "private"}
        return page if after is None else {**page, "nextCursor": after}

    def _entry(self, place: int, version: str) -> Any:
        """One entry as the SDK's model of it, which the SDK then does not validate again with each list."""
        if (place, version) not in self._valid:
            self._valid[place, version] = self._validated(self._entries[place], version)
        return self._valid[place, version]

    def _validated(self, entry: dict[str, Any], version: str) -> Any:
        page = {self._key: [entry], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        try:
            kind: Any = SERVER_RESULTS[self._method, version]
            result = TypeAdapter(kind).validate_python(page, by_name=False)
        except ValidationError:
            return entry  # the SDK refuses it, and logs why
        (valid,) = getattr(result, to_snake(self._key))
        return valid
