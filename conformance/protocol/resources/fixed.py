"""Resources under an address of their own."""

from app.authoring import resource
from conformance.protocol.media import red_pixel


@resource("test://static-text", title="Text", mime_type="text/plain")
async def static_text() -> str:
    """Read a text."""
    return "This is the content of the static text resource."


@resource("test://static-binary", title="Binary", mime_type="image/png")
async def static_binary() -> bytes:
    """Read an image."""
    return red_pixel()


@resource("test://watched-resource", title="Watched", mime_type="text/plain")
async def watched() -> str:
    """Read what may be subscribed to. It never changes."""
    return "Watched resource content"
