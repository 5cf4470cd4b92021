"""Prompts of text, with and without arguments."""

from typing import Annotated

from pydantic import Field

from app.authoring import Complete, prompt

_WORDS = ("paris", "park", "party", "test", "testing")


async def words(prefix: str) -> list[str]:
    """Words that begin so."""
    return [word for word in _WORDS if word.startswith(prefix)]


@prompt(title="Simple")
async def test_simple_prompt() -> str:
    """Begin with one text."""
    return "This is a simple prompt for testing."


@prompt(title="Arguments")
async def test_prompt_with_arguments(
    arg1: Annotated[str, Field(description="First test argument"), Complete(words)],
    arg2: Annotated[str, Field(description="Second test argument")],
) -> str:
    """Begin with a text that both arguments stand in."""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"
