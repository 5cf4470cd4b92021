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

from app.access.grants import Grants, current_grants
from app.access.lookups import Lookups
from app.audit.audit_log import AuditLog
from app.audit.record import CallMetrics, ExchangeRecord, current_record
from app.auth.refusals import Refusal
from app.auth.session import Session, current_session
from app.authoring.call import current_call
from app.authoring.request import current_request
from app.http.caller import describe_request
from app.protocol.serving.driver import serve_request
from app.protocol.wire.deadline import MAX_EXCHANGE_SECONDS, Deadline, current_deadline, run_until
from app.protocol.wire.errors import LimitReached
from app.protocol.wire.message import MessageRejected, RpcRequest
from app.protocol.wire.notifications import LiveCall, PostContext
from app.protocol.wire.post import Post, read_post
from app.protocol.wire.reply import (
    current_reply_fields,
    remove_callers_text,
    reply_with_error,
    reply_with_result,
    tool_error,
)
from app.runtime.logs import logging_put_back
from app.runtime.secrets import RETRY_SECONDS, SecretUnavailable
from app.runtime.team_secrets import TeamSecrets, current_team_secrets
from app.workos.client import WorkOSAccess, current_workos

RETRY_AFTER_SECONDS = math.ceil(RETRY_SECONDS)
"""Before that, SSM is not asked again and the answer would be the same."""


class Dispatcher:
    """Serves exchanges with one SDK server. It keeps nothing of a caller from one exchange to the next."""

    def __init__(
        self,
        server: Server[Any],
        tools: Collection[str],
        metrics: CallMetrics,
        audit: AuditLog | None = None,
        seconds: float = MAX_EXCHANGE_SECONDS,
        *,
        workos: WorkOSAccess,
        lookups: Lookups,
        team_secrets: TeamSecrets,
    ) -> None:
        """`seconds` is how long one exchange may take; the time that Lambda has left may be less."""
        self._server = server
        self._tools = tools
        self._metrics = metrics
        self._audit = audit
        self._seconds = seconds
        self._workos = workos
        self._lookups = lookups
        self._team_secrets = team_secrets
        # A server that sends log messages MUST declare it (MCP, server/utilities/logging); this method does.
        self._logs = server.get_request_handler("logging/setLevel") is not None

    async def answer(self, request: Request, session: Session) -> Response:
        """Answer one POST of a verified caller.

        Raises:
            Refusal: the caller needs another token for this tool; the record of this exchange is written.
        """
        # For get_session(), get_user(), get_client(), get_tenant(), get_grants(), get_secret() of this call.
        current_session.bind(session)
        current_workos.bind(self._workos)
        current_team_secrets.bind(self._team_secrets)
        current_grants.bind(Grants(session, self._lookups))
        record, status = current_record.bind(ExchangeRecord(session, self._metrics)), 500
        fields = current_reply_fields.bind({})
        try:
            response = await self._answer(request, record)
            response.headers.update(fields)
            status = response.status_code
        except MessageRejected as rejected:
            record.mark_failed("rejected", rejected.error.code)
            response = reply_with_error(rejected)
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
        try:
            post = await read_post(request)
        except MessageRejected as rejected:
            self._describe_call(rejected.request, request, record)
            raise
        if post is None:
            record.mark_accepted()
            return Response(status_code=202)
        self._describe_call(post.request, request, record)
        return await self._serve(request, post, record)

    def _describe_call(self, rpc: RpcRequest | None, request: Request, record: ExchangeRecord) -> None:
        """Name in the record what is asked for, if this server knows the name."""
        if rpc is None:
            return
        is_known = rpc.method == "initialize" or self._server.get_request_handler(rpc.method) is not None
        record.set_call(rpc.method if is_known else None, rpc.find_tool(self._tools))
        if record.is_use:
            # The client's own span, in the body, goes before the header, which a proxy may have set (MCP SEP-414).
            record.set_trace(rpc.meta.get("traceparent"), request.headers.get("traceparent"))

    async def _serve(self, request: Request, post: Post, record: ExchangeRecord) -> Response:
        rpc, era = post.request, post.era
        context = PostContext.for_request(rpc, era.log_level(rpc) if self._logs else None)
        accept = ",".join(request.headers.getlist("accept"))
        try:
            result = await self._run(request, post, context)
            reply = reply_with_result(rpc.id, result, context.notifications.close(), accept)
        except SecretUnavailable:
            # The request state cannot be opened or sealed. (A secret that a tool itself needs is a tool error.)
            unavailable = ErrorData(code=INTERNAL_ERROR, message="The call cannot go on now. Try again shortly.")
            raise MessageRejected(503, unavailable, rpc.id, retry_after=RETRY_AFTER_SECONDS) from None
        except Refusal:
            raise
        except Exception as raised:  # noqa: BLE001 - the SDK maps every error, and logs unexpected ones
            return self._reply_with_failure(raised, post, record, (context.notifications.close(), accept))
        record.mark_answered(result)
        return reply

    async def _run(self, request: Request, post: Post, context: PostContext) -> dict[str, Any]:
        deadline = current_deadline.bind(Deadline.from_scope(request.scope, self._seconds))
        current_call.bind(LiveCall(context.notifications, deadline))
        current_request.bind(partial(describe_request, request, post))
        start = partial(serve_request, self._server, context, post.request, post.client)
        with logging_put_back():  # here, so that the record is written even if the call changed logging
            return await run_until(deadline, post.request.noun, start)

    def _reply_with_failure(
        self, raised: Exception, post: Post, record: ExchangeRecord, sent: tuple[Sequence[str], str]
    ) -> Response:
        rpc, era = post.request, post.era
        if isinstance(raised, LimitReached) and rpc.is_tool_call:
            # A tool error, which the model can read, as for every other failure of a tool.
            result = tool_error(raised.error.message, self._server.server_info_stamp if era.is_modern else None)
            with suppress(LimitReached):  # the id alone may be megabytes
                reply = reply_with_result(rpc.id, result, *sent)
                record.mark_answered(result)
                return reply
        error = remove_callers_text(modern_error_data(raised))
        record.mark_failed("error", error.code)
        return reply_with_error(MessageRejected(era.http_status(error), error, rpc.id), *sent)
