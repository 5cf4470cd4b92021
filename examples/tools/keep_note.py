"""User management: write the caller's own metadata."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.authoring import CurrentUser, WorkOS, tool
from examples.tools._notes import KEY, read_note

# What WorkOS takes for a value of the metadata: 600 characters of ASCII.
Note = Annotated[str, Field(pattern=r"^[ -~]{1,600}$", description="Plain ASCII, and no secret")]


class Kept(BaseModel):
    note: str
    before: str | None


@tool(title="Keep a note", read_only=False, destructive=True, idempotent=True, open_world=False)
async def keep_note(note: Note, user: CurrentUser, workos: WorkOS) -> Kept:
    """Keep one note of your own, in the place of the one before; delete_note deletes it."""
    await workos.user_management.update_user(user.id, metadata={KEY: note})
    return Kept(note=note, before=read_note(user))
