"""Authorisation by a scope: a client without it sends its user to a new consent (step-up)."""

from pydantic import BaseModel

from app.authoring import CurrentUser, scope, tool


class Profile(BaseModel):
    name: str
    email: str


@tool(
    title="My profile",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=[scope("profile"), scope("email")],
)
async def my_profile(user: CurrentUser) -> Profile:
    """Show your name and email address as WorkOS has them."""
    return Profile(name=f"{user.first_name or ''} {user.last_name or ''}".strip(), email=user.email)
