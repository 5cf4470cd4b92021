"""A resource, and a template."""

from app.authoring import CurrentSession, anyone, resource


@resource("fixed://text", requires=anyone())
async def fixed(session: CurrentSession) -> str:
    """Text."""
    return session.user_id


@resource("item://{number}", requires=anyone())
async def item(number: int, session: CurrentSession) -> dict[str, str]:
    """One item."""
    return {"caller": session.user_id}
