"""A tool with arguments, checks and structured output."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from app.authoring import ToolError, anyone, tool


class WorkingDay(BaseModel):
    """A date from Monday to Friday."""

    day: date
    weekday: str


@tool(title="Add working days", read_only=True, idempotent=True, open_world=False, requires=anyone())
async def add_working_days(
    start: Annotated[date, Field(description="First day, not counted, as YYYY-MM-DD")],
    days: Annotated[int, Field(ge=1, le=1000, description="How many working days to add")] = 5,
) -> WorkingDay:
    """Find the date that lies a number of working days (Monday to Friday) after a given date."""
    day = start
    try:
        while days:
            day += timedelta(days=1)
            days -= day.weekday() < 5
    except OverflowError:
        raise ToolError("The calendar ends with the year 9999; start earlier.") from None
    return WorkingDay(day=day, weekday=f"{day:%A}")
