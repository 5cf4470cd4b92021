"""A resource template: one resource for each year, with suggestions while the user types."""

from calendar import monthrange
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from app.authoring import Complete, resource


class WorkingDays(BaseModel):
    """How many days are no Saturday and no Sunday."""

    year: int
    months: list[int]
    """From January to December."""
    total: int


async def years(prefix: str) -> list[str]:
    """Fifty years each way, the nearest first."""
    this = datetime.now(UTC).year
    near = sorted(range(this - 50, this + 51), key=lambda year: (abs(year - this), year))
    return [str(year) for year in near if str(year).startswith(prefix)]


@resource("calendar://{year}/working-days", title="Working days of a year", max_age=86400)
async def working_days(year: Annotated[int, Field(ge=1, le=9999), Complete(years)]) -> WorkingDays:
    """Count the working days (Monday to Friday) of each month of a year; public holidays are not known here."""
    months = [_weekdays(year, month) for month in range(1, 13)]
    return WorkingDays(year=year, months=months, total=sum(months))


def _weekdays(year: int, month: int) -> int:
    return sum(date(year, month, day).weekday() < 5 for day in range(1, monthrange(year, month)[1] + 1))
