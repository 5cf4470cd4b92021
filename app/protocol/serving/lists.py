"""The list methods: pages of what the caller sees, made once for all callers who see the same."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp_types import INVALID_PARAMS, PaginatedRequestParams
from mcp_types.methods import SERVER_RESULTS
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.alias_generators import to_snake

from app.protocol.catalogue.definition import Definition
from app.protocol.serving.guard import Guard
from app.protocol.wire.errors import CallFailed

PAGE_SIZE = 1000
"""Entries on one page."""
MAX_CACHED_PAGES = 64
"""Pages that a list keeps, and sets of visible things whose cursors it keeps."""

Pages: TypeAlias = Mapping[str | None, tuple[Sequence[int], str | None]]
"""By cursor: the positions of a page's entries, and the cursor of the page after it."""


class Listing:
    """One list method, such as tools/list. All environments list in the order of the names."""

    def __init__(
        self,
        method: str,
        key: str,
        offered: Sequence[tuple[Definition[Any], BaseModel]],
        guard: Guard,
        *,
        page_size: int = PAGE_SIZE,
    ) -> None:
        """`key` is the member of the result that holds the list, such as "tools"."""
        self._method = method
        self._key = key
        # declare() returns one shared Access per rule, so a list decides each rule once and not once per entry.
        accesses = [definition.metadata.access for definition, _ in offered]
        distinct = {id(each): each for each in accesses}
        numbers = {key: number for number, key in enumerate(distinct)}
        self._accesses = list(distinct.values())
        self._access_numbers = [numbers[id(each)] for each in accesses]
        self._entries = [entry.model_dump(by_alias=True, mode="json", exclude_none=True) for _, entry in offered]
        self._models: dict[tuple[int, str], Any] = {}
        self._guard = guard
        self._page_size = page_size
        self._pages = lru_cache(maxsize=MAX_CACHED_PAGES)(self._cut_pages)
        self._page = lru_cache(maxsize=MAX_CACHED_PAGES)(self._build_page)

    async def __call__(self, context: ServerRequestContext[Any], params: PaginatedRequestParams) -> dict[str, Any]:
        """The page that the cursor names.

        Raises:
            CallFailed: the cursor names no page, or one of a list that this caller no longer sees.
        """
        visible = await self._guard.find_visible(self._accesses)
        if params.cursor not in self._pages(visible.shown):
            raise CallFailed(
                INVALID_PARAMS, "There is no such page, or the list has changed. Begin without a cursor."
            )
        page = self._page(visible.shown, params.cursor, context.protocol_version)
        return {**page, "ttlMs": visible.max_age_ms}

    def _cut_pages(self, shown: tuple[bool, ...]) -> Pages:
        visible = [position for position, number in enumerate(self._access_numbers) if shown[number]]
        parts = [visible[at : at + self._page_size] for at in range(0, len(visible), self._page_size)] or [[]]
        # A cursor is good for exactly this list: on another one, its page would leave gaps or repeat entries.
        names = [self._key, str(self._page_size), *(str(self._entries[position]["name"]) for position in visible)]
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
        cursors = [None, *(f"{digest}.{number}" for number in range(1, len(parts)))]
        return dict(zip(cursors, zip(parts, [*cursors[1:], None], strict=True), strict=True))

    def _build_page(self, shown: tuple[bool, ...], cursor: str | None, version: str) -> dict[str, Any]:
        positions, next_cursor = self._pages(shown)[cursor]
        entries = [self._find_model(position, version) for position in positions]
        page = {self._key: entries, "resultType": "complete", "cacheScope": "private"}
        return page if next_cursor is None else {**page, "nextCursor": next_cursor}

    def _find_model(self, position: int, version: str) -> Any:
        """An entry as the SDK's model for this version. The SDK validates a dict with each list, but not a model.

        That halves the time for 1000 tools (docs/decisions/0030-driver-for-calls.md).
        """
        if (position, version) not in self._models:
            self._models[position, version] = self._validate(self._entries[position], version)
        return self._models[position, version]

    def _validate(self, entry: dict[str, Any], version: str) -> Any:
        page = {self._key: [entry], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        result_type: Any = SERVER_RESULTS[self._method, version]
        try:
            result = TypeAdapter(result_type).validate_python(page, by_name=False)
        except ValidationError:
            return entry  # the SDK refuses the whole list, and its log says why
        (model,) = getattr(result, to_snake(self._key))
        return model
