"""The calls and lists that nearly all requests are, served without what the SDK builds around each request.

The checks of the request are the SDK's, and so are the handlers' results, except that what needs no second look
gets none. Tests hold the two ways against each other; whatever is out of the ordinary goes the SDK's.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from mcp.server.context import ServerMiddleware
from mcp.server.lowlevel.server import Server
from mcp.server.runner import serve_one
from mcp_types.methods import validate_client_request

from app.protocol.wire.called import Called
from app.protocol.wire.dispatch_context import Exchange
from app.protocol.wire.peer import Peer


@dataclass(slots=True)
class DirectContext:
    """As much of the SDK's ServerRequestContext as our handlers look at."""

    method: str
    params: Mapping[str, Any]
    session: Peer

    @property
    def protocol_version(self) -> str:
        return self.session.protocol_version


Handler: TypeAlias = Callable[[DirectContext], Awaitable[dict[str, Any] | None]]
"""Returns None for a call that needs what the SDK builds; it has then decided that the caller may make it."""


class DirectServer(Server[Any]):
    """The SDK's server, and what of it need not be asked for each request."""

    def __init__(self, name: str, **about: Any) -> None:
        self._direct: dict[str, tuple[frozenset[str], Handler]] = {}
        self._own: list[ServerMiddleware[Any]] = []
        super().__init__(name, **about)

    @cached_property
    def stamp(self) -> Mapping[str, Any]:
        """What results say of this server. The SDK makes a new one for each."""
        return self.server_info_stamp

    def serve_directly(self, method: str, members: frozenset[str], handler: Handler) -> None:
        """Have `handler` answer with what is sent, if the params have these members alone."""
        self._direct[method] = members, handler

    def wrap(self, *middleware: ServerMiddleware[Any]) -> None:
        """These alone know of what is served directly: with any other one, nothing is."""
        self.middleware[:] = self._own = list(middleware)

    def add_request_handler(self, method: str, params_type: Any, handler: Any) -> None:
        """The newest one answers, also instead of one that answers directly."""
        super().add_request_handler(method, params_type, handler)
        self._direct.pop(method, None)

    async def serve(self, exchange: Exchange, called: Called, peer: Peer) -> dict[str, Any]:
        """The result, ready to be sent.

        Raises:
            Exception: any; the SDK has a JSON-RPC error for each.
        """
        params = called.params or {}
        handler = self._handler(called.method, params)
        if handler is not None:
            # The SDK's own check of the protocol's methods, in their version.
            validate_client_request(called.method, peer.protocol_version, called.params)
            if (sent := await handler(DirectContext(called.method, params, peer))) is not None:
                return sent
        connection = peer.connection()
        return await serve_one(
            self, exchange, called.method, called.params, connection=connection, lifespan_state={}
        )

    def _handler(self, method: str, params: Mapping[str, Any]) -> Handler | None:
        if method not in self._direct or self.middleware != self._own:
            return None
        members, handler = self._direct[method]
        # Of others, and of a token that is null, the SDK has more to say than its check of the version.
        meta = params.get("_meta")
        is_usual = members.issuperset(params) and not (isinstance(meta, dict) and meta.get(_TOKEN, 0) is None)
        return handler if is_usual else None


_TOKEN = "progressToken"
