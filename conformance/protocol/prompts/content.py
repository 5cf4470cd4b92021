"""Prompts with more than text in them."""

from typing import Annotated

from pydantic import Field

from app.authoring import Embedded, Image, prompt
from conformance.protocol.media import red_pixel


@prompt(title="Embedded resource")
async def test_prompt_with_embedded_resource(
    resourceUri: Annotated[str, Field(description="URI of the resource to embed")],  # noqa: N803 - the suite's name
) -> list[str | Embedded]:
    """Begin with a resource and a text."""
    return [
        Embedded(resourceUri, "Embedded resource content for testing."),
        "Please process the embedded resource above.",
    ]


@prompt(title="Image")
async def test_prompt_with_image() -> list[str | Image]:
    """Begin with an image and a text."""
    return [Image(red_pixel()), "Please analyze the image above."]
