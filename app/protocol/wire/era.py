"""Which of the protocol's two eras a request belongs to, and the checks that come with it."""

import re
from typing import Any

from fastapi import Request
from mcp.shared.inbound import (
    ERROR_CODE_HTTP_STATUS,
    MCP_PROTOCOL_VERSION_HEADER,
    InboundLadderRejection,
    classify_inbound_request,
    find_duplicated_routing_header,
    unsupported_protocol_version_rejection,
)
from mcp_types import (
    DEFAULT_NEGOTIATED_VERSION,
    HEADER_MISMATCH,
    LOG_LEVEL_META_KEY,
    ErrorData,
    RequestId,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app.authoring.call import Level
from app.protocol.wire.called import Called
from app.protocol.wire.message import MessageRejected
from app.protocol.wire.notifications import LEVELS
from app.protocol.wire.parameter_headers import bind_parameter_headers
from app.protocol.wire.peer import Peer

_VERSION_LIKE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,15}")
"""A date, or a number such as v1.0.0: too short for a message, and without a character that could be markup."""


class Era:
    """The era of one POST, read from its headers as the SDK does.

    A version that nobody knows counts as modern: that era has an answer for it (-32022).
    """

    def __init__(self, request: Request) -> None:
        self._raw_headers = request.headers.items()
        # Values may carry spaces around them (RFC 9110 section 5.5).
        self._headers = {name: value.strip(" \t") for name, value in self._raw_headers}
        self.version = self._headers.get(MCP_PROTOCOL_VERSION_HEADER) or DEFAULT_NEGOTIATED_VERSION
        self.is_modern = self.version not in HANDSHAKE_PROTOCOL_VERSIONS

    def check_notification(self) -> None:
        """Raises: MessageRejected, for a version that is not served."""
        if self.is_modern:
            self._require(unsupported_protocol_version_rejection(self.version), None)

    def peer(self, called: Called, message: dict[str, Any]) -> Peer:
        """The client of this one request.

        Raises:
            MessageRejected: a modern request breaks a rule of the envelope or its routing headers.
        """
        bind_parameter_headers(self._headers if self.is_modern else None)
        if not self.is_modern:
            return Peer(self.version)
        self._require(self._duplicated(), called.id)
        route = classify_inbound_request(message, headers=self._headers)
        if isinstance(route, InboundLadderRejection):
            raise _rejected(route, called.id)
        return Peer(route.protocol_version, route.client_info, route.client_capabilities)

    def status_of(self, error: ErrorData) -> int:
        """The 2025 era answers every JSON-RPC error with 200; 2026-07-28 has a status for most codes."""
        return ERROR_CODE_HTTP_STATUS.get(error.code, 200) if self.is_modern else 200

    def log_level(self, called: Called) -> Level | None:
        """The least level of log messages that the client wants with this request; None: it wants none.

        In 2026-07-28 each request says it (server/utilities/logging). Before, logging/setLevel did, for a session,
        and there is none here: the level stays one at which a server may send unasked (2025-11-25, schema,
        LoggingMessageNotification).
        """
        if not self.is_modern:
            return "info"
        meta = (called.params or {}).get("_meta")
        wanted = meta.get(LOG_LEVEL_META_KEY) if isinstance(meta, dict) else None
        # The SDK refuses any other before the call.
        return wanted if wanted in LEVELS else None

    def _duplicated(self) -> InboundLadderRejection | None:
        name = find_duplicated_routing_header(self._raw_headers)
        if name is None:
            return None
        return InboundLadderRejection(HEADER_MISMATCH, f"{name} header appears more than once")

    @staticmethod
    def _require(rejection: InboundLadderRejection | None, request_id: RequestId | None) -> None:
        if rejection is not None:
            raise _rejected(rejection, request_id)


def _rejected(rejection: InboundLadderRejection, request_id: RequestId | None) -> MessageRejected:
    error = ErrorData(code=rejection.code, message=rejection.message, data=_repeatable(rejection.data))
    return MessageRejected(ERROR_CODE_HTTP_STATUS.get(rejection.code, 400), error, request_id)


def _repeatable(data: Any) -> Any:
    """-32022 echoes the version that was asked for; what cannot be one is the caller's own text."""
    if isinstance(data, dict) and not _VERSION_LIKE.fullmatch(str(data.get("requested", ""))):
        return {**data, "requested": "not a version"}
    return data
