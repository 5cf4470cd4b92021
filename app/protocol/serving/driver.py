"""Serves a `tools/call` as the SDK's `serve_one` does, and builds only what the call uses.

For every request `serve_one` builds a connection, models of the client's capabilities, a session and an exit
stack, and validates the result. Most tools use none of it, and for those it is a ninth of a warm call
(docs/decisions/0030-driver-for-calls.md). The SDK's own functions check the request. The rest of the server only
calls `serve_request`, which `serve_one` could replace: tests send the same requests both ways.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.runner import serve_one
from mcp.server.session import ServerSession
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CORE_RESULT_TYPES,
    INTERNAL_ERROR,
    SERVER_INFO_META_KEY,
    CallToolResult,
    ErrorData,
    RequestParams,
    RequestParamsMeta,
    TextContent,
)
from mcp_types.methods import serialize_server_result, validate_client_request
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ValidationError

from app.protocol.wire.message import RpcRequest
from app.protocol.wire.notifications import PostContext
from app.protocol.wire.post import Client

logger = logging.getLogger(__name__)

METHOD = "tools/call"


async def serve_request(
    server: Server[Any], post: PostContext, request: RpcRequest, client: Client
) -> dict[str, Any]:
    """Handle one request and return its result as it is sent.

    Raises:
        Exception: of any kind; `mcp.server.runner.modern_error_data` makes a JSON-RPC error of each.
    """
    handler = server.get_request_handler(request.method)
    if request.method != METHOD or handler is None:
        connection = client.connection()
        return await serve_one(
            server, post, request.method, request.params, connection=connection, lifespan_state={}
        )

    async def handle(context: ServerRequestContext[Any, Any]) -> HandlerResult:
        params, version = context.params, context.protocol_version
        validate_client_request(METHOD, version, params)
        # The SDK reads absent params as {}, so that the model says which member is missing.
        typed_params = handler.params_type.model_validate(params or {}, by_name=False)
        return _write_result(server, version, await handler.handler(context, typed_params))

    call: CallNext = handle
    for middleware in reversed(server.middleware):
        call = partial(_call_middleware, middleware, call)
    return _to_dict(await call(_build_context(post, request, client)))


class _LazyContext(ServerRequestContext[Any, Any]):
    """The SDK's context, whose session is built when something reads it."""

    _session: ServerSession | Callable[[], ServerSession]

    @property
    def session(self) -> ServerSession:
        if not isinstance(self._session, ServerSession):
            self._session = self._session()
        return self._session

    @session.setter
    def session(self, session: ServerSession | Callable[[], ServerSession]) -> None:
        # The dataclass's __init__ assigns here. dataclasses.replace() reads the session, so it passes a built one.
        self._session = session


def _build_context(post: PostContext, request: RpcRequest, client: Client) -> ServerRequestContext[Any, Any]:
    meta = _read_meta(request.params)

    def build_session() -> ServerSession:
        return ServerSession(post, client.connection(), request_meta=meta)

    return _LazyContext(
        session=build_session,  # type: ignore[arg-type]
        lifespan_context={},
        protocol_version=client.protocol_version,
        method=request.method,
        params=request.params,
        request_id=post.request_id,
        meta=meta,
    )


def _read_meta(params: Mapping[str, Any] | None) -> RequestParamsMeta | None:
    """The `_meta` of the params; None if it is malformed, which the check of the params then refuses."""
    if not params or "_meta" not in params:
        return None
    try:
        return RequestParams.model_validate(params, by_name=False).meta
    except ValidationError:
        return None


def _call_middleware(
    middleware: ServerMiddleware[Any], call_next: CallNext, context: ServerRequestContext[Any, Any]
) -> Awaitable[HandlerResult]:
    return middleware(context, call_next)


def _write_result(server: Server[Any], version: str, result: HandlerResult) -> dict[str, Any]:
    """The result in the words of this version of the protocol.

    Raises:
        MCPError: it is not a result of a tool call. The log says where, without the values.
    """
    written, is_legacy = _to_dict(result), version in HANDSHAKE_PROTOCOL_VERSIONS
    if _is_text_and_data(result):
        # All versions write it in the same way, except that the older era has no resultType.
        if is_legacy:
            del written["resultType"]
    elif is_legacy or written.get("resultType", "complete") in CORE_RESULT_TYPES:
        written = _validate(version, written)
    # Otherwise an extension owns the type of result, and its form: the newer era alone has that.
    return written if is_legacy else _add_server_info(server, written)


def _to_dict(result: HandlerResult) -> dict[str, Any]:
    """What a handler or a middleware returned, read as the SDK reads it."""
    if isinstance(result, ErrorData):
        raise MCPError.from_error_data(result)
    if result is None or isinstance(result, dict):
        return dict(result or {})
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)


def _is_text_and_data(result: HandlerResult) -> bool:
    """Whether it has only plain texts and, if any data, an object."""
    return (
        type(result) is CallToolResult
        and result.meta is None
        and result.result_type == "complete"
        and isinstance(result.structured_content, dict | None)
        and all(_is_plain_text(block) for block in result.content)
    )


def _is_plain_text(block: Any) -> bool:
    return type(block) is TextContent and block.annotations is None and block.meta is None


def _validate(version: str, written: dict[str, Any]) -> dict[str, Any]:
    try:
        return serialize_server_result(METHOD, version, written)
    except ValidationError as error:
        # The SDK's own line also holds the values, which are somebody's data.
        problems = [f"{problem['loc']}: {problem['type']}" for problem in error.errors(include_input=False)]
        logger.warning("a handler's result is none of its method", extra={"method": METHOD, "problems": problems})
        raise MCPError(INTERNAL_ERROR, "Handler returned an invalid result") from None


def _add_server_info(server: Server[Any], written: dict[str, Any]) -> dict[str, Any]:
    """A result of 2026-07-28 names the server that made it, unless the author did (basic, _meta)."""
    meta = written.get("_meta") or {}
    if meta.get(SERVER_INFO_META_KEY) is not None:
        return written
    return {**written, "_meta": {**meta, SERVER_INFO_META_KEY: server.server_info_stamp}}
