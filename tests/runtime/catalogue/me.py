"""The first use of WorkOS."""

from app.authoring import CurrentUser, tool


@tool()
async def me(user: CurrentUser) -> str:
    """Name the caller."""
    return user.email
