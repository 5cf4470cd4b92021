"""A prompt that is a plain function."""

from app.authoring import get_session, prompt


@prompt()
def sync_prompt() -> str:
    """Say who calls."""
    return get_session().user_id
