"""What the SDK needs to know about one POST: its dispatch context, and who calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.jsonrpc_dispatcher import progress_token_from_params
from mcp.shared.transport_context import TransportContext
from mcp_types import JSONRPCRequest, ProgressToken, RequestId

from app.auth import Session

_TRANSPORT = TransportContext(kind="streamable-http", can_send_request=False)


@dataclass(slots=True)
class Exchange:
    """The SDK's DispatchContext for one POST. There is no way back to the client but the one reply."""

    request_id: RequestId
    progress_token: ProgressToken | None
    transport: TransportContext = _TRANSPORT
    # No request object here: a tool could read the bearer token off its headers.
    message_metadata: None = None
    can_send_request: bool = False
    cancel_requested: anyio.Event = field(default_factory=anyio.Event)
    notifications: list[dict[str, Any]] = field(default_factory=list)
    """What the tool sent while it ran, for the reply."""

    @classmethod
    def of(cls, request: JSONRPCRequest) -> "Exchange":
        return cls(request.id, progress_token_from_params(request.params))

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        self.notifications.append({"jsonrpc": "2.0", "method": method, "params": dict(params or {})})

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        if self.progress_token is None:
            return
        said = {"progressToken": self.progress_token, "progress": progress, "total": total, "message": message}
        await self.notify("notifications/progress", {key: said[key] for key in said if said[key] is not None})


def bind_caller(session: Session) -> None:
    """Tell the SDK who calls: it binds request state to issuer, subject and client.

    Without this, one caller's request state would open for any other. The raw token is not passed on.
    """
    token = AccessToken(
        token=session.token_id,
        client_id=session.client_id,
        scopes=sorted(session.scopes),
        subject=session.user_id,
        claims={"iss": session.claims["iss"]},
    )
    auth_context_var.set(AuthenticatedUser(token))
