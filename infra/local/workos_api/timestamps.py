"""Write times as WorkOS does: ISO 8601 in UTC, with milliseconds and a Z."""

from datetime import UTC, datetime, timedelta

from infra.local.workos_api.rows import Row

_SEEDED = datetime(2026, 1, 1, tzinfo=UTC)


def written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written_epoch(seconds: float) -> str:
    return written(datetime.fromtimestamp(seconds, UTC))


def seeded_times(place: int) -> Row:
    """The times of a row of the seed: each row is a minute younger than the one before it."""
    created = written(_SEEDED + timedelta(minutes=place))
    return {"created_at": created, "updated_at": created}
