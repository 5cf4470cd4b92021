"""What the SDK needs to know about one POST while it handles its request."""

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
from app.protocol.wire.message import RpcRequest
from app.protocol.wire.notifications import Notifications

_TRANSPORT = TransportContext(kind="streamable-http", can_send_request=False)


@dataclass
class PostContext:
    """The SDK's DispatchContext for one POST. Only the one reply goes back to the client."""

    request_id: RequestId
    notifications: Notifications
    """Sent with the reply."""
    transport: TransportContext = _TRANSPORT
    # Not the HTTP request, as in the SDK: a tool could read the bearer token off its headers.
    message_metadata: None = None
    can_send_request: bool = False

    @cached_property
    def cancel_requested(self) -> anyio.Event:
        """Never set: a client cannot ask for it, because each POST is a request of its own."""
        return anyio.Event()

    @classmethod
    def for_request(cls, request: RpcRequest, level: Level | None) -> "PostContext":
        """`level` is the least level of the log messages that the client wants; None: it wants none."""
        return cls(request.id, Notifications(progress_token_from_params(request.params), level))

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        members = params or {}
        if method == "notifications/message":  # of the SDK's own Context: the client's level holds there too
            self.notifications.add_log(members["level"], members.get("data"), members.get("logger"))
        else:
            self.notifications.add(method, members)

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        self.notifications.add_progress(progress, total, message)
