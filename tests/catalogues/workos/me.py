"""Tools that ask WorkOS, in the three ways there are."""

from app.authoring import CurrentUser, anyone, get_client, get_user, tool


@tool(requires=anyone())
async def me(user: CurrentUser) -> str:
    """Name the caller."""
    return user.email


@tool()
async def me_by_call() -> str:
    """Name the caller, without a parameter for it."""
    return (await get_user()).email


@tool()
async def same_client() -> bool:
    """Whether two calls share one client."""
    return await get_client() is await get_client()


@tool()
async def organization(organization_id: str) -> str:
    """Name an organisation."""
    return (await (await get_client()).organizations.get_organization(organization_id)).name


@tool()
async def traverse() -> str:
    """Ask for what is no id."""
    return (await (await get_client()).organizations.get_organization("..")).name
