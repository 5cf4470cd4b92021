"""A prompt with arguments of several types."""

from datetime import date
from typing import Annotated

from pydantic import Field

from app.authoring import CurrentSession, prompt


@prompt()
async def typed(
    day: Annotated[date, Field(description="The day in question")],
    session: CurrentSession,
    count: Annotated[int, Field(ge=1)] = 1,
    note: Annotated[str, Field(max_length=40)] | None = None,
    numbers: list[int] | None = None,
) -> str:
    """Write about a day."""
    return f"{session.user_id} {day:%A} {count} {note!r} {numbers}"
