"""Write points in time for an operator, in UTC as AWS and WorkOS do."""

from datetime import UTC, datetime


def shown_time(moment: float | datetime) -> str:
    """Write a time to the second; a number is in seconds since 1970."""
    when = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
