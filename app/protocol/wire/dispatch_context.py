"""What the SDK needs to know about one POST: its dispatch context, and who calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import anyio
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.jsonrpc_dispatcher import progress_token_from_params
from mcp.shared.transport_context import TransportContext
from mcp_types import RequestId

from app.authoring.call import Level
from app.protocol.wire.called import Called
from app.protocol.wire.notifications import Notifications

_TRANSPORT = TransportContext(kind="streamable-http", can_send_request=False)


@dataclass
class Exchange:
    """The SDK's DispatchContext for one POST. There is no way back to the client but the one reply."""

    request_id: RequestId
    notifications: Notifications
    """For the reply."""
    transport: TransportContext = _TRANSPORT
    # No request object here: a tool could read the bearer token off its headers.
    message_metadata: None = None
    can_send_request: bool = False

    @cached_property
    def cancel_requested(self) -> anyio.Event:
        """Never set: there is no way by which a client could ask for it."""
        return anyio.Event()

    @classmethod
    def of(cls, request: Called, level: Level | None) -> "Exchange":
        """`level` is the least of the log messages that the client wants; None: it wants none."""
        return cls(request.id, Notifications(progress_token_from_params(request.params), level))

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        said = params or {}
        if (
            method == "notifications/message"
        ):  # the SDK's own Context: the level that the client wants holds there too
            self.notifications.log(said["level"], said.get("data"), said.get("logger"))
        else:
            self.notifications.add(method, said)

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        self.notifications.progress(progress, total, message)
