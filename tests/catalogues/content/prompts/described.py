"""A prompt that says more of itself than it must."""

from app.authoring import prompt


@prompt(icons=["https://example.com/i.png"], meta={"example.com/origin": "test"})
async def described() -> str:
    """Says all there is to say."""
    return "text"
