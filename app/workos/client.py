"""WorkOS for tools: the caller as a WorkOS user, and the SDK's client. Nothing is imported before it is needed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeAlias

from fastapi import Depends

from app.auth.session import NoSession, get_session
from app.current import CallerError, Slot

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient
    from workos.common.models import User

    from app.workos.transport import Connected

    Connect: TypeAlias = Callable[[str, str, str | None], Connected]


class NotForCallers(CallerError):
    """WorkOS cannot be asked for this caller; the message is written for them."""


class NoUser(NotForCallers):
    """The caller is a machine application. A tool for both kinds branches on `session.is_machine` first."""

    def __init__(self) -> None:
        super().__init__("This tool needs a person. You are logged in as a machine application, not as a user.")


class WorkOSAccess:
    """One SDK client for this environment: made on first use, made anew when the API key was rotated."""

    def __init__(
        self,
        api_key: Callable[[], Awaitable[str]],
        client_id: str,
        base_url: str | None = None,
        in_thread: "Callable[[Callable[[], Connect]], Awaitable[Connect]]" = asyncio.to_thread,
    ) -> None:
        """`in_thread` runs what blocks."""
        self._in_thread = in_thread
        self._api_key = api_key
        self._client_id = client_id
        self._base_url = base_url
        self._key: str | None = None
        self._made: Connected | None = None
        self._retired: Connected | None = None
        self._making = asyncio.Lock()

    async def client(self) -> "AsyncWorkOSClient":
        key = await self._api_key()
        if self._made is None or self._key != key:
            async with self._making:
                if self._made is None or self._key != key:
                    return (await self._make(key)).client
        return self._made.client

    async def _make(self, key: str) -> "Connected":
        connect = await self._in_thread(_load)
        # A tool may still hold the client of before: it is closed one rotation later.
        if self._retired is not None:
            await self._retired.http.close()
        self._retired = self._made
        self._key, self._made = key, (made := connect(key, self._client_id, self._base_url))
        return made

    async def close(self) -> None:
        """End the client's connections; the next use makes a new one."""
        for each in (self._made, self._retired):
            if each is not None:
                await each.http.close()
        self._made = self._retired = None


def _load() -> "Connect":
    """For a thread, so that nobody else waits: workos takes most of a second to import."""
    from app.workos.transport import connect

    return connect


_access: Slot[WorkOSAccess] = Slot("WorkOS")


def bind_workos(access: WorkOSAccess) -> None:
    """Make WorkOS reachable for the rest of this request's context."""
    _access.bind(access)


async def get_client() -> "AsyncWorkOSClient":
    """The WorkOS SDK's client: 3 s for each attempt, one retry, kept over warm invocations.

    Raises:
        NoSession: outside a request.
        CallerError: this server has no API key, or cannot read it now.
    """
    try:
        access = _access.get()
    except LookupError:
        raise NoSession(
            "get_client() needs a request: call it inside a tool while it serves a call, or take the client "
            "as a parameter (`workos: WorkOS`) and pass one in your test"
        ) from None
    return await access.client()


async def get_user() -> "User":
    """The caller as a WorkOS user, fetched now.

    Raises:
        NoSession: outside a request.
        NoUser: the caller is a machine; branch on `get_session().is_machine` where both may call.
        workos.WorkOSError: WorkOS did not answer as hoped; uncaught, it becomes a readable tool error.
    """
    session = get_session()
    if session.is_machine:
        raise NoUser
    client = await get_client()
    return await client.user_management.get_user(session.user_id)


# A tool parameter of one of these types is filled by the server and stays out of the tool's schema.
if TYPE_CHECKING:
    CurrentUser = Annotated[User, Depends(get_user)]
    WorkOS = Annotated[AsyncWorkOSClient, Depends(get_client)]
else:  # naming the SDK's types at run time would import it
    CurrentUser = Annotated[object, Depends(get_user)]
    WorkOS = Annotated[object, Depends(get_client)]
