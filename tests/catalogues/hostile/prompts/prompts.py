"""Prompts that take what a client fills in, and repeat none of it."""

from typing import Annotated, Literal

from app.authoring import Complete, CurrentSession, prompt


async def names(prefix: str, session: CurrentSession, kind: str = "") -> list[str]:
    return [session.user_id, str(len(prefix) + len(kind))]


@prompt()
async def introduces(
    session: CurrentSession,
    name: Annotated[str, Complete(names)],
    kind: str = "",
    style: Literal["short", "long"] = "short",
    times: int = 1,
) -> str:
    """Introduce somebody."""
    return f"I am {session.user_id}."


@prompt()
async def raises(name: str = "") -> str:
    """Fail with what it was given."""
    raise ValueError(name)
