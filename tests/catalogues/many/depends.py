"""A tool whose dependency has one of its own, as in FastAPI."""

from typing import Annotated

from fastapi import Depends

from app.authoring import CurrentSession, tool
from tests.catalogues.many.sync_tool import sync_tool as imported

OTHERS = [imported]
"""Imported here, and still registered once, by its own file."""


async def tenant(session: CurrentSession) -> str:
    return f"tenant of {session.organization_id}"


@tool()
async def depends(place: Annotated[str, Depends(tenant)], again: "str" = "once") -> str:
    """Say what was injected."""
    return f"{place}, {again}"
