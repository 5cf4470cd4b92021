"""A prompt with arguments, one of which is completed."""

from typing import Annotated

from app.authoring import Complete, CurrentSession, anyone, prompt


async def names(prefix: str, session: CurrentSession) -> list[str]:
    return [session.user_id, prefix]


@prompt(requires=anyone())
async def introduces(session: CurrentSession, name: Annotated[str, Complete(names)], times: int = 1) -> str:
    """Introduce somebody."""
    return f"I am {session.user_id}. " * times
