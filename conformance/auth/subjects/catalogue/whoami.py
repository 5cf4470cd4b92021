from app.authoring import CurrentSession, tool


@tool(read_only=True)
async def whoami(session: CurrentSession) -> str:
    """Tell who is calling."""
    return session.user_id
