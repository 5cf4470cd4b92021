"""A resource, and a template."""

from app.auth import CurrentSession
from app.auth.access import anyone
from app.resource import resource


@resource("fixed://text", requires=anyone())
async def fixed(session: CurrentSession) -> str:
    """Text."""
    return session.user_id


@resource("item://{number}", requires=anyone())
async def item(number: int, session: CurrentSession) -> dict[str, str]:
    """One item."""
    return {"caller": session.user_id}
