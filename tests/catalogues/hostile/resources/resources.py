"""Resources and templates that match much, and repeat nothing."""

from typing import Annotated

from app.authoring import Complete, CurrentSession, ResourceNotFound, resource, role


async def numbers(prefix: str, session: CurrentSession) -> list[str]:
    return [session.user_id]


@resource("fixed://text", mime_type="text/plain")
async def fixed(session: CurrentSession) -> str:
    """Text."""
    return session.user_id


@resource("fixed://binary")
async def binary() -> bytes:
    """Bytes."""
    return bytes(range(256))


@resource("item://{number}/data")
async def item(number: Annotated[int, Complete(numbers)], session: CurrentSession) -> dict[str, str]:
    """One item."""
    if number < 0:
        raise ResourceNotFound
    return {"caller": session.user_id}


@resource("file://{+path}")
async def file(path: str, session: CurrentSession) -> str:
    """Any file."""
    return session.user_id


@resource("file://guarded/{name}", requires=role("admin"))
async def guarded(name: str, session: CurrentSession) -> str:
    """A file that nobody here may read."""
    return session.user_id


@resource("query://all{?page,note}")
async def query(session: CurrentSession, page: int = 1, note: str | None = None) -> str:
    """By page."""
    return session.user_id


@resource("raises://{text}")
async def raises(text: str) -> str:
    """Fail with what it was given."""
    raise ValueError(text)
