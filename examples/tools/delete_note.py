"""A question before a destructive action. The answer may reach another environment than the question came from."""

from hashlib import sha256

from pydantic import BaseModel, Field

from app.authoring import CurrentAsk, CurrentUser, ToolError, WorkOS, tool
from examples.tools._notes import KEY, read_note

MAX_SHOWN_CHARACTERS = 60
"""Characters of the note that the question repeats."""


class Confirmation(BaseModel):
    really: bool = Field(title="Delete it for good")


@tool(title="Delete my note", read_only=False, destructive=True, idempotent=True, open_world=False)
async def delete_note(user: CurrentUser, workos: WorkOS, ask: CurrentAsk) -> str:
    """Delete the note that you keep with keep_note, after asking you."""
    note = read_note(user)
    if note is None:
        return "You have no note."

    async def digest() -> str:
        return sha256(note.encode()).hexdigest()

    # The user agreed to delete this note. A note that replaced it in the meantime, or later, stays.
    if await ask.keep("note", digest) != await digest():
        raise ToolError("Your note is another one than you were asked about. It is still there; call again.")
    beginning = note if len(note) <= MAX_SHOWN_CHARACTERS else f"{note[:MAX_SHOWN_CHARACTERS]}..."
    answer = await ask(
        f'Delete your note "{beginning}"? Nobody can bring it back.',
        Confirmation,
        otherwise=ToolError(
            "Your note is still there: it is deleted only if you say so yourself, and you could not be asked. "
            "Before protocol version 2026-07-28 a question needs a session, which this server does not have; from "
            "then on the client has to declare elicitation. You can replace it with keep_note."
        ),
    )
    if not answer.really:
        return "Your note is still there."
    # Null deletes this key and leaves the others.
    await workos.user_management.update_user(user.id, metadata={KEY: None})  # type: ignore[dict-item]
    return "Your note is deleted."
