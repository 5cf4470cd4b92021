"""A tool that is no coroutine."""

import threading

from app.authoring import CurrentSession, get_session, tool


@tool(title="Sync", read_only=True)
def sync_tool(number: int, session: CurrentSession) -> dict[str, str | int | bool]:
    """Double a number, in a worker thread."""
    return {
        "double": number * 2,
        "caller": session.user_id,
        "same": get_session() is session,
        "elsewhere": threading.current_thread() is not threading.main_thread(),
    }
