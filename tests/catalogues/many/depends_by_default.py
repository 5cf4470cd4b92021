"""FastAPI's older spelling of a dependency, and one that two others share."""

from typing import Annotated

from fastapi import Depends

from app.authoring import Session, get_session, tool


def fresh() -> list[int]:
    return []


def counter(calls: Annotated[list[int], Depends(fresh)]) -> list[int]:
    calls.append(1)
    return calls


def one(calls: Annotated[list[int], Depends(counter)]) -> int:
    return len(calls)


def other(calls: Annotated[list[int], Depends(counter)]) -> int:
    return len(calls)


@tool()
async def depends_by_default(
    session: Session = Depends(get_session),  # noqa: B008 - the spelling under test
    first: int = Depends(one),
    second: int = Depends(other),
) -> str:
    """Say who calls, and how often the shared dependency ran."""
    return f"{session.user_id} {max(first, second)}"
