"""The first use of WorkOS."""

from app.auth import CurrentUser
from app.tool import tool


@tool()
async def me(user: CurrentUser) -> str:
    """Name the caller."""
    return user.email
