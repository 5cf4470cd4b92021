"""A tool that says more of itself than it must."""

from app.authoring import Icon, tool


@tool(
    icons=["https://example.com/i.png", Icon("https://example.com/dark.png", theme="dark")],
    meta={"example.com/origin": "test"},
)
async def described() -> str:
    """Says all there is to say."""
    return "text"
