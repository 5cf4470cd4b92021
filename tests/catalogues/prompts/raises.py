"""A prompt whose failures come in several kinds."""

from typing import Any

from pydantic import TypeAdapter

from app.authoring import PromptError, ResourceNotFound, ToolError, prompt


@prompt()
async def raises(kind: str) -> Any:
    """Fail in the given way."""
    if kind == "told":
        raise PromptError("The calendar is locked. Try again in a minute.")
    if kind == "shared":
        raise ToolError("A helper that tools share says so.")
    if kind == "not found":
        raise ResourceNotFound
    if kind == "untold":
        raise ValueError("password is hunter2")
    if kind == "validation":
        TypeAdapter(int).validate_python("hunter2")
    return None
