"""One POST, read in one visit: its message, the protocol era that it belongs to, and the client that sent it.

In the era until 2025-11-25 a session began with a handshake. From 2026-07-28 on each request says everything
itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from mcp.server.connection import Connection
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import (
    ERROR_CODE_HTTP_STATUS,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    InboundLadderRejection,
    classify_inbound_request,
    decode_header_value,
    find_duplicated_routing_header,
    unsupported_protocol_version_rejection,
    validate_mcp_param_headers,
)
from mcp_types import (
    DEFAULT_NEGOTIATED_VERSION,
    HEADER_MISMATCH,
    INVALID_REQUEST,
    LOG_LEVEL_META_KEY,
    ErrorData,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app.authoring.call import Level
from app.current import Slot
from app.protocol.wire.message import (
    MessageRejected,
    RpcRequest,
    check_request,
    is_notification,
    is_response,
    parse_message,
)
from app.protocol.wire.notifications import LEVELS

MAX_BODY_BYTES = 4 * 1024 * 1024
"""The SDK's own limit for a request body."""
_VERSION_LIKE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,15}")
"""A date, or a number such as v1.0.0: too short for a message, and without a character that could be markup."""

_parameter_headers: Slot[Mapping[str, str] | None] = Slot("parameter headers")


@dataclass(frozen=True, slots=True)
class Client:
    """The client of one request. Nothing is remembered of it from another request."""

    protocol_version: str
    info: Any = None
    capabilities: Any = None
    """As the client sent them. The SDK validates them on first use, because few calls need them."""

    def connection(self) -> Connection:
        """The SDK's object for the same client."""
        return Connection.from_envelope(self.protocol_version, self.info, self.capabilities)


class Era:
    """The era of one POST, by its headers.

    A version that this server does not know counts as modern: that era has an error for it (-32022).
    """

    def __init__(self, http_request: Request) -> None:
        self._raw_headers = http_request.headers.items()
        # Values may carry spaces around them (RFC 9110 section 5.5).
        self._headers = {name: value.strip(" \t") for name, value in self._raw_headers}
        self.version = self._headers.get(MCP_PROTOCOL_VERSION_HEADER) or DEFAULT_NEGOTIATED_VERSION
        self.is_modern = self.version not in HANDSHAKE_PROTOCOL_VERSIONS

    def check_notification(self) -> None:
        """Raises: MessageRejected, for a version that this server does not speak."""
        if self.is_modern and (rejection := unsupported_protocol_version_rejection(self.version)):
            raise _reject(rejection, None)

    def check_client(self, request: RpcRequest, message: dict[str, Any]) -> Client:
        """The client that sent the request; `message` is the request as it was parsed.

        Raises:
            MessageRejected: a modern request breaks a rule of the envelope, or its routing headers contradict it.
        """
        _parameter_headers.bind(self._headers if self.is_modern else None)
        if not self.is_modern:
            return Client(self.version)
        if (name := find_duplicated_routing_header(self._raw_headers)) is not None:
            duplicate = InboundLadderRejection(HEADER_MISMATCH, f"{name} header appears more than once")
            raise _reject(duplicate, request)
        route = classify_inbound_request(message, headers=self._headers)
        if isinstance(route, InboundLadderRejection):
            raise _reject(route, request)
        return Client(route.protocol_version, route.client_info, route.client_capabilities)

    def http_status(self, error: ErrorData) -> int:
        """The 2025 era answers every JSON-RPC error with 200; 2026-07-28 has a status for most codes."""
        return ERROR_CODE_HTTP_STATUS.get(error.code, 200) if self.is_modern else 200

    def log_level(self, request: RpcRequest) -> Level | None:
        """The least level of log messages that the client wants with this request; None: it wants none.

        In 2026-07-28 each request says it (server/utilities/logging). In the era before, logging/setLevel says it
        for a session. This server has no sessions, so it uses a level at which a server may send log messages
        unasked (2025-11-25, schema, LoggingMessageNotification).
        """
        if not self.is_modern:
            return "info"
        wanted = request.meta.get(LOG_LEVEL_META_KEY)
        # The SDK refuses any other level before the call.
        return wanted if wanted in LEVELS else None


@dataclass(frozen=True, slots=True)
class Post:
    """A POST that asks for something."""

    request: RpcRequest
    era: Era
    client: Client


async def read_post(http_request: Request) -> Post | None:
    """What the POST asks for; None for a notification or a response, which nobody waits to see answered.

    Raises:
        MessageRejected: 413 for a body over a limit, 400 for one that is not a JSON-RPC message or that breaks a
            rule of its protocol version. It carries the request, if so much could be read.
    """
    message, era = parse_message(await read_body(http_request)), Era(http_request)
    if is_notification(message) or (is_response(message) and not era.is_modern):
        era.check_notification()
        return None
    request = check_request(message)
    return Post(request, era, era.check_client(request, message))


async def read_body(http_request: Request) -> bytes:
    """The body, of which nothing over the limit is waited for.

    Raises:
        MessageRejected: 413 for a body over the limit.
    """
    if _announced_length(http_request) > MAX_BODY_BYTES:
        raise _too_large()
    parts, left = [], MAX_BODY_BYTES
    async for part in http_request.stream():
        parts.append(part)
        left -= len(part)
        if left < 0:
            raise _too_large()
    return b"".join(parts)


def _announced_length(http_request: Request) -> int:
    length = http_request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _too_large() -> MessageRejected:
    message = f"The body is larger than {MAX_BODY_BYTES} bytes"
    return MessageRejected(413, ErrorData(code=INVALID_REQUEST, message=message))


def require_parameter_headers(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Compare the `Mcp-Param-*` headers of the current request with its arguments (SEP-2243).

    It runs once the caller is let in: a refusal before would tell that the tool exists, and its arguments' names.

    Raises:
        MCPError: a header that the schema asks for disagrees with the arguments.
    """
    headers = _parameter_headers.find()
    if headers is None:
        return
    if (rejection := validate_mcp_param_headers(schema, arguments, headers)) is not None:
        raise MCPError(rejection.code, rejection.message, rejection.data)


def require_name_header(name: str) -> None:
    """Compare the `Mcp-Name` header of the current request with the body, for methods that the SDK does not know.

    Raises:
        MCPError: the header is missing, or names something else (SEP-2243, Server Validation).
    """
    headers = _parameter_headers.find()
    if headers is not None and decode_header_value(headers.get(MCP_NAME_HEADER)) != name:
        raise MCPError(HEADER_MISMATCH, f"{MCP_NAME_HEADER} header does not match the request body")


def _reject(rejection: InboundLadderRejection, request: RpcRequest | None) -> MessageRejected:
    error = ErrorData(code=rejection.code, message=rejection.message, data=_without_callers_text(rejection.data))
    return MessageRejected(ERROR_CODE_HTTP_STATUS.get(rejection.code, 400), error, request=request)


def _without_callers_text(data: Any) -> Any:
    """-32022 echoes the version that was asked for, unless that is something other than a version."""
    if isinstance(data, dict) and not _VERSION_LIKE.fullmatch(str(data.get("requested", ""))):
        return {**data, "requested": "not a version"}
    return data
