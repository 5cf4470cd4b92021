"""A tool whose failures come in several kinds."""

from app.authoring import ToolError, tool


class _Secretive(Exception):
    pass


@tool()
async def raises(kind: str) -> int:
    """Fail in the given way."""
    if kind == "told":
        raise ToolError("The file is locked. Try again in a minute.")
    if kind == "untold":
        raise _Secretive("password is hunter2")
    if kind == "wrong type":
        return "not a number"  # type: ignore[return-value]
    return 7
