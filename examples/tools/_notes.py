"""One note per user, in the metadata that WorkOS keeps: there every environment of this function finds it."""

from app.authoring import CurrentUser

KEY = "mcp_note"


def note_of(user: CurrentUser) -> str | None:
    return (user.metadata or {}).get(KEY)
