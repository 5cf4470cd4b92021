"""One note per user, in the user's metadata at WorkOS, where every environment of this function finds it."""

from app.authoring import CurrentUser

KEY = "mcp_note"


def read_note(user: CurrentUser) -> str | None:
    return (user.metadata or {}).get(KEY)
