"""Templates that match in several ways."""

import asyncio
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from app.authoring import Complete, CurrentSession, ResourceError, ResourceNotFound, check, resource


async def ids(prefix: str) -> list[str]:
    return ["17", "18"]


async def is_even(number: int) -> bool:
    return number % 2 == 0


@resource("item://{number}", mime_type="text/plain")
async def item(number: Annotated[int, Field(ge=1), Complete(ids)], session: CurrentSession) -> str:
    """One item."""
    return f"{session.user_id} {number}"


@resource("item://17/parts{?page,note}")
async def parts(page: int = 1, note: str | None = None) -> str:
    """Parts of one item, by page."""
    return f"{page} {note!r}"


@resource("file://{+path}")
async def anything(path: str) -> str:
    """Any file."""
    return f"any {path}"


@resource("file://reports/{name}")
async def report(name: str) -> str:
    """One report."""
    return f"report {name}"


@resource("file://reports/summary")
async def summary() -> str:
    """The summary."""
    return "the summary"


@resource("tags://all{/tags*}")
async def tags(tags: list[str]) -> dict[str, list[str]]:
    """Tags."""
    return {"tags": tags}


@resource("even://{number}", audit="number")
async def even(number: int) -> str:
    """An even number."""
    return str(number)


@resource("checked://{number}", requires=check(is_even, needs="an even number"))
async def checked(number: int) -> str:
    """An even number."""
    return str(number)


@resource("raises://{kind}")
async def raises(kind: str) -> Any:
    """Fail in the given way."""
    if kind == "told":
        raise ResourceError("The archive is locked. Try again in a minute.")
    if kind == "missing":
        raise ResourceNotFound
    if kind == "slow":
        await asyncio.sleep(60)
    if kind == "validation":
        TypeAdapter(int).validate_python("hunter2")
    raise ValueError("password is hunter2")
