"""A prompt that is a plain function."""

from app.auth import get_session
from app.prompt import prompt


@prompt()
def sync_prompt() -> str:
    """Say who calls."""
    return get_session().user_id
