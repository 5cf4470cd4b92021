"""Results of every kind of content, and one that is an error."""

from app.authoring import Audio, Embedded, Image, ToolError, tool
from conformance.protocol.media import red_pixel, silence


@tool(title="Simple text")
async def test_simple_text() -> str:
    """Return one text."""
    return "This is a simple text response for testing."


@tool(title="Image")
async def test_image_content() -> Image:
    """Return one image."""
    return Image(red_pixel())


@tool(title="Audio")
async def test_audio_content() -> Audio:
    """Return one sound."""
    return Audio(silence())


@tool(title="Embedded resource")
async def test_embedded_resource() -> Embedded:
    """Return a resource inside the result."""
    return Embedded("test://embedded-resource", "This is an embedded resource content.")


@tool(title="Mixed content")
async def test_multiple_content_types() -> list[str | Image | Embedded]:
    """Return a text, an image and a resource in one result."""
    data = Embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json")
    return ["Multiple content types test:", Image(red_pixel()), data]


@tool(title="Error")
async def test_error_handling() -> str:
    """Fail, and say so in the result."""
    raise ToolError("This tool intentionally returns an error for testing")
