"""The caller's organisation as a tool parameter. It comes from the login, never from an argument."""

from typing import Annotated

from fastapi import Depends

from app.auth import CurrentSession
from app.tool import ToolError


async def organization_of(session: CurrentSession) -> str:
    """The organisation that the caller chose at login."""
    if session.organization_id is None:
        raise ToolError(
            "You are logged in without an organisation. Log in again and choose one, or ask to be invited."
        )
    return session.organization_id


OrganizationId = Annotated[str, Depends(organization_of)]
