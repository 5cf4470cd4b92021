"""WorkOS for tools: the caller as a WorkOS user, and the SDK's client, which is imported on first use."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, TypeAlias

from fastapi import Depends

from app.auth.session import NoSession, get_session
from app.current import CallerError, Slot

if TYPE_CHECKING:
    import httpx2
    from workos import AsyncWorkOSClient
    from workos.common.models import User

    from app.workos.pipes import Pipes
    from app.workos.transport import Connection

    Connect: TypeAlias = Callable[[str, str, str | None, httpx2.AsyncBaseTransport | None], Connection]


class NoAnswerForCaller(CallerError):
    """WorkOS has no answer about this caller. The message is for the caller."""


class NoUser(NoAnswerForCaller):
    """No person stands behind the caller. A tool for all kinds of callers checks `session.is_person` first."""

    def __init__(self, *, is_api_key: bool = False) -> None:
        how = (
            "came with the API key of an organisation" if is_api_key else "are logged in as a machine application"
        )
        super().__init__(f"This tool needs a person. You {how}, not as a user.")


class WorkOSAccess:
    """One SDK client for this environment: created on first use, and again after the API key was rotated."""

    def __init__(
        self,
        api_key: Callable[[], Awaitable[str]],
        client_id: str,
        base_url: str | None = None,
        in_thread: "Callable[[Callable[[], Connect]], Awaitable[Connect]]" = asyncio.to_thread,
        transport: "httpx2.AsyncBaseTransport | None" = None,
        *,
        clock: Callable[[], float] = time.time,
        connected_url: str = "",
        provider_transport: "httpx2.AsyncBaseTransport | None" = None,
    ) -> None:
        """Nothing is imported or asked for before the first use.

        Args:
            in_thread: runs a blocking function in a thread.
            transport: carries the requests; by default the network.
            clock: wall time in seconds since the epoch.
            connected_url: the page to which WorkOS sends a user who has connected an account.
            provider_transport: carries the requests to the providers of such accounts; by default the network.
        """
        self._in_thread = in_thread
        self._api_key = api_key
        self._client_id = client_id
        self._base_url = base_url
        self._transport = transport
        self._clock = clock
        self._connected_url = connected_url
        self._provider_transport = provider_transport
        self._key: str | None = None
        self._connected: Connection | None = None
        self._retired: Connection | None = None
        self._lock = asyncio.Lock()

    async def client(self) -> "AsyncWorkOSClient":
        """Return the client for the present API key.

        Raises:
            CallerError: this server has no API key, or cannot read it now.
        """
        key = await self._api_key()
        if self._connected is None or self._key != key:
            async with self._lock:
                if self._connected is None or self._key != key:
                    return (await self._connect(key)).client
        return self._connected.client

    @cached_property
    def pipes(self) -> "Pipes":
        """The accounts that users connected; most servers use none."""
        from app.workos.pipes import Pipes

        return Pipes(self.client, self._clock, self._connected_url, self._provider_transport)

    async def _connect(self, key: str) -> "Connection":
        connect = await self._in_thread(_import_connect)
        # A tool may still use the previous client, so it is closed one rotation later.
        if self._retired is not None:
            await self._retired.http.close()
        self._retired = self._connected
        connected = connect(key, self._client_id, self._base_url, self._transport)
        self._key, self._connected = key, connected
        return connected

    async def close(self) -> None:
        """Close all connections. The next use creates a new client."""
        for each in (self._connected, self._retired):
            if each is not None:
                await each.http.close()
        self._connected = self._retired = None


def _import_connect() -> "Connect":
    """Import the SDK, which takes most of a second: in a thread, so that other calls do not wait."""
    from app.workos.transport import connect

    return connect


current_workos: Slot[WorkOSAccess] = Slot("WorkOS")


async def get_client() -> "AsyncWorkOSClient":
    """Return the WorkOS SDK's client: 3 s for each attempt, one retry, kept over warm invocations.

    Raises:
        NoSession: outside a request.
        CallerError: this server has no API key, or cannot read it now.
    """
    try:
        access = current_workos.get()
    except LookupError:
        raise NoSession(
            "get_client() needs a request: call it inside a tool while it serves a call, or take the client "
            "as a parameter (`workos: WorkOS`) and pass one in your test"
        ) from None
    return await access.client()


async def get_user() -> "User":
    """Fetch the caller as a WorkOS user.

    Raises:
        NoSession: outside a request.
        NoUser: no person stands behind the caller. Check `get_session().is_person` first if others may call.
        workos.WorkOSError: WorkOS refused or failed. If the tool lets it pass, the caller gets a readable error.
    """
    session = get_session()
    if not session.is_person:
        raise NoUser(is_api_key=session.kind == "api_key")
    client = await get_client()
    return await client.user_management.get_user(session.user_id)


# The server fills tool parameters of these types, and leaves them out of the tool's schema.
if TYPE_CHECKING:
    CurrentUser = Annotated[User, Depends(get_user)]
    WorkOS = Annotated[AsyncWorkOSClient, Depends(get_client)]
else:  # naming the SDK's types at run time would import the SDK
    CurrentUser = Annotated[object, Depends(get_user)]
    WorkOS = Annotated[object, Depends(get_client)]
