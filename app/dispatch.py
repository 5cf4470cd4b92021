"""One POST is one MCP exchange: the SDK serves it, in both protocol eras, and nothing is kept afterwards.

The SDK's session manager is not used: it runs once per instance and may stream without end, neither of
which a warm Lambda environment survives. `serve_one` is the SDK's driver for a single exchange.
"""

import math
from collections.abc import Collection
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from mcp.server.lowlevel import Server
from mcp.server.runner import modern_error_data, serve_one
from mcp_types import INTERNAL_ERROR, ErrorData, JSONRPCRequest

from app.audit.log import AuditLog
from app.audit.metrics import CallMetrics
from app.auth import Session
from app.auth.refusals import Refusal
from app.protocol.envelope import (
    MessageRejected,
    error_reply,
    is_notification,
    is_response,
    read_message,
    request_of,
    result_reply,
    without_callers_text,
)
from app.protocol.era import Era
from app.protocol.exchange import Exchange, bind_caller
from app.protocol.reply_fields import bind_reply_fields
from app.record import ExchangeRecord, bind_record
from app.secrets import FAILURE_TTL, SecretUnavailable

RETRY_AFTER = math.ceil(FAILURE_TTL)
"""Seconds; before that, the answer would be the same."""


class Dispatcher:
    """Serves exchanges with one SDK server; holds nothing of any caller between them."""

    def __init__(
        self, server: Server[Any], tools: Collection[str], metrics: CallMetrics, audit: AuditLog | None = None
    ) -> None:
        self._server = server
        self._tools = tools
        self._metrics = metrics
        self._audit = audit

    async def exchange(self, request: Request, session: Session) -> Response:
        """Answer one POST of a verified caller.

        Raises:
            Refusal: this caller has to come back with another token, for this tool alone.
        """
        bind_caller(session)
        record, status = bind_record(ExchangeRecord(session, self._metrics)), 500
        fields = bind_reply_fields()
        try:
            response = await self._answer(request, record)
            response.headers.update(fields)
            status = response.status_code
        except MessageRejected as rejected:
            record.failed("rejected", rejected.error.code)
            response = error_reply(rejected)
            status = response.status_code
        except Refusal as refusal:
            record.denied(refusal.reason.value)
            status = refusal.status
            raise
        finally:
            line = record.write(status)
            if self._audit is not None:
                await self._audit.add(line, request)
        return response

    async def _answer(self, request: Request, record: ExchangeRecord) -> Response:
        message, era = await read_message(request), Era(request)
        if is_notification(message) or (is_response(message) and not era.is_modern):
            era.check_notification()
            record.accepted()
            return Response(status_code=202)
        called = request_of(message)
        record.called(self._known_method(called), self._known_tool(called))
        if record.is_use:
            record.traced(_traceparent(called), request.headers.get("traceparent"))
        return await self._serve(called, message, era, record)

    async def _serve(
        self, called: JSONRPCRequest, message: dict[str, Any], era: Era, record: ExchangeRecord
    ) -> Response:
        connection = era.connection(called, message, self._server.get_tool_input_schema)
        exchange = Exchange.of(called)
        try:
            result = await serve_one(
                self._server, exchange, called.method, called.params, connection=connection, lifespan_state={}
            )
            reply = result_reply(called.id, result, exchange.notifications)
        except SecretUnavailable:
            # A tool's own need for a secret is a tool error; here the state itself cannot be opened or sealed.
            unavailable = ErrorData(code=INTERNAL_ERROR, message="The call cannot go on now. Try again shortly.")
            raise MessageRejected(503, unavailable, called.id, retry_after=RETRY_AFTER) from None
        except Refusal:
            raise
        except Exception as raised:  # noqa: BLE001 - the SDK maps them all; unexpected ones are logged there
            error = without_callers_text(modern_error_data(raised))
            record.failed("error", error.code)
            return error_reply(MessageRejected(era.status_of(error), error, called.id))
        record.answered(result)
        return reply

    def _known_method(self, called: JSONRPCRequest) -> str | None:
        known = called.method == "initialize" or self._server.get_request_handler(called.method) is not None
        return called.method if known else None

    def _known_tool(self, called: JSONRPCRequest) -> str | None:
        name = (called.params or {}).get("name")
        known = called.method == "tools/call" and isinstance(name, str) and name in self._tools
        return name if known else None


def _traceparent(called: JSONRPCRequest) -> object:
    """The client's span, which goes before that of a proxy between (MCP SEP-414)."""
    meta = (called.params or {}).get("_meta")
    return meta.get("traceparent") if isinstance(meta, dict) else None
