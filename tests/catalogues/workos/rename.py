"""Tools that change something at WorkOS, with and without a way to do it twice."""

from app.authoring import get_client, tool


@tool()
async def rename(name: str) -> str | None:
    """Change the caller's name: a PUT."""
    return (await (await get_client()).user_management.update_user("user_01ALICE", first_name=name)).first_name


@tool()
async def remove() -> str:
    """Delete the caller."""
    await (await get_client()).user_management.delete_user("user_01ALICE")
    return "removed"
