"""User management: update the caller."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.authoring import CurrentUser, WorkOS, tool

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Renamed(BaseModel):
    before: str
    after: str


@tool(title="Rename me", read_only=False, destructive=True, idempotent=True, open_world=False)
async def rename_me(first_name: Name, last_name: Name, user: CurrentUser, workos: WorkOS) -> Renamed:
    """Change your own first and last name in WorkOS."""
    updated = await workos.user_management.update_user(user.id, first_name=first_name, last_name=last_name)
    return Renamed(
        before=f"{user.first_name or ''} {user.last_name or ''}".strip(),
        after=f"{updated.first_name} {updated.last_name}",
    )
