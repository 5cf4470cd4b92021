"""One POST is one MCP exchange: the SDK serves it, in both protocol eras, and nothing is kept afterwards.

The SDK's session manager is not used: it runs once per instance and may stream without end, neither of
which a warm Lambda environment survives.
"""

import math
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from mcp.server.lowlevel.server import Server
from mcp.server.runner import modern_error_data
from mcp_types import INTERNAL_ERROR, ErrorData

from app.audit.audit_log import AuditLog
from app.audit.metrics import CallMetrics
from app.audit.record import ExchangeRecord, bind_record
from app.auth.refusals import Refusal
from app.auth.session import Session
from app.authoring.call import bind_call
from app.protocol.serving.driver import serve_request
from app.protocol.wire.called import Called, is_tool, known_method, known_tool, traceparent_of, word_of
from app.protocol.wire.deadline import MOST, Deadline, bind_deadline
from app.protocol.wire.dispatch_context import Exchange
from app.protocol.wire.era import Era
from app.protocol.wire.live_call import LiveCall
from app.protocol.wire.message import (
    MessageRejected,
    is_notification,
    is_response,
    read_message,
    request_of,
)
from app.protocol.wire.peer import Peer
from app.protocol.wire.reply import (
    LimitReached,
    error_reply,
    failed_call,
    result_reply,
    without_callers_text,
)
from app.protocol.wire.reply_fields import bind_reply_fields
from app.protocol.wire.time_limit import within
from app.runtime.logs import logging_put_back
from app.runtime.secrets import FAILURE_TTL, SecretUnavailable

RETRY_AFTER = math.ceil(FAILURE_TTL)
"""Seconds; before that, the answer would be the same."""


class Dispatcher:
    """Serves exchanges with one SDK server; holds nothing of any caller between them."""

    def __init__(
        self,
        server: Server[Any],
        tools: Collection[str],
        metrics: CallMetrics,
        audit: AuditLog | None = None,
        seconds: float = MOST,
    ) -> None:
        """`seconds` is what one exchange may take, if the function itself has that long."""
        self._server = server
        self._tools = tools
        self._metrics = metrics
        self._audit = audit
        self._seconds = seconds
        # Who sends log messages MUST declare it, which this method does (server/utilities/logging).
        self._logs = server.get_request_handler("logging/setLevel") is not None

    async def answer(self, request: Request, session: Session) -> Response:
        """Answer one POST of a verified caller.

        Raises:
            Refusal: this caller has to come back with another token, for this tool alone.
        """
        record, status = bind_record(ExchangeRecord(session, self._metrics)), 500
        fields = bind_reply_fields()
        try:
            response = await self._answer(request, record)
            response.headers.update(fields)
            status = response.status_code
        except MessageRejected as rejected:
            record.mark_failed("rejected", rejected.error.code)
            response = error_reply(rejected)
            status = response.status_code
        except Refusal as refusal:
            record.mark_denied(refusal.reason.value)
            status = refusal.status
            raise
        finally:
            line = record.write(status)
            if self._audit is not None:
                await self._audit.add(line, request, wait=not record.is_hidden)
        return response

    async def _answer(self, request: Request, record: ExchangeRecord) -> Response:
        message, era = await read_message(request), Era(request)
        if is_notification(message) or (is_response(message) and not era.is_modern):
            era.check_notification()
            record.mark_accepted()
            return Response(status_code=202)
        called = request_of(message)
        record.set_call(known_method(called, self._server), known_tool(called, self._tools))
        if record.is_use:
            record.set_trace(traceparent_of(called), request.headers.get("traceparent"))
        return await self._serve(request, called, message, era, record)

    async def _serve(
        self, request: Request, called: Called, message: dict[str, Any], era: Era, record: ExchangeRecord
    ) -> Response:
        peer = era.peer(called, message)
        exchange = Exchange.of(called, era.log_level(called) if self._logs else None)
        accept = ",".join(request.headers.getlist("accept"))
        try:
            result = await self._run(request, called, exchange, peer)
            reply = result_reply(called.id, result, exchange.notifications.close(), accept)
        except SecretUnavailable:
            # A tool's own need for a secret is a tool error; here the state itself cannot be opened or sealed.
            unavailable = ErrorData(code=INTERNAL_ERROR, message="The call cannot go on now. Try again shortly.")
            raise MessageRejected(503, unavailable, called.id, retry_after=RETRY_AFTER) from None
        except Refusal:
            raise
        except Exception as raised:  # noqa: BLE001 - the SDK maps them all; unexpected ones are logged there
            return self._failed(raised, called, era, record, (exchange.notifications.close(), accept))
        record.mark_answered(result)
        return reply

    async def _run(self, request: Request, called: Called, exchange: Exchange, peer: Peer) -> dict[str, Any]:
        deadline = bind_deadline(Deadline.before_the_functions(request.scope, self._seconds))
        bind_call(LiveCall(exchange.notifications, deadline))
        start = partial(serve_request, self._server, exchange, called, peer)
        with logging_put_back():  # before the record is written
            return await within(deadline, word_of(called), start)

    def _failed(
        self,
        raised: Exception,
        called: Called,
        era: Era,
        record: ExchangeRecord,
        said: tuple[Sequence[str], str],
    ) -> Response:
        if isinstance(raised, LimitReached) and is_tool(called):
            # For the model to read, as every other failure of a tool.
            result = failed_call(raised.error.message, self._server.server_info_stamp if era.is_modern else None)
            with suppress(LimitReached):  # an id of megabytes
                reply = result_reply(called.id, result, *said)
                record.mark_answered(result)
                return reply
        error = without_callers_text(modern_error_data(raised))
        record.mark_failed("error", error.code)
        return error_reply(MessageRejected(era.status_of(error), error, called.id), *said)
