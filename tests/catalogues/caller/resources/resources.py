"""A resource, a template, and one that is for some."""

from app.authoring import permission, resource


@resource("book://index")
async def index() -> str:
    """The index."""
    return "1 to 9"


@resource("book://{page}")
async def page(page: str) -> bytes:
    """A page."""
    return page.encode()


@resource("book://secret", requires=permission("plans:write"))
async def secret() -> str:
    """A secret."""
    return "Hush."
