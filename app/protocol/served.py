"""One function of an author, as it is served: guarded, arguments checked, failures told."""

import asyncio
import inspect
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp.server.mcpserver.tools.base import Tool
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, InputRequiredResult, InputResponseRequestParams
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app.audit.arguments import describe_unchecked
from app.auth import get_session
from app.auth.refusals import ScopeMissing
from app.deadline import get_deadline
from app.definition import Definition
from app.protocol.asking import RoundTrip
from app.protocol.direct import DirectContext
from app.protocol.explain import explain, is_ours
from app.protocol.guard import Failed, Guard, enforce
from app.protocol.parameter_headers import require_parameter_headers
from app.protocol.reply_fields import add_reply_fields
from app.protocol.time_limit import ended
from app.record import get_record

if TYPE_CHECKING:
    from app.quota.quota import Quota

logger = logging.getLogger(__name__)

_UNSEEN: Context[Any, Any] = Context()
"""For the many functions that take none."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every call."""

    guard: Guard
    quota: "Quota | None" = None
    """Counts tool calls."""


@dataclass(frozen=True, slots=True)
class Served:
    """The SDK's Tool serves prompts and resources too: no other of its pieces tells an argument that does
    not fit from a failure inside the function, whose text must stay here."""

    word: str
    """What it is to a caller, such as "tool"."""
    definition: Definition[Any]
    """What the guard is asked about."""
    tool: Tool
    terms: Terms
    is_mirrored: bool = False
    """Whether `Mcp-Param-*` headers repeat arguments of it."""

    @property
    def needs_context(self) -> bool:
        """Whether the function takes the SDK's own context, or parameters that the SDK resolves with it."""
        return self.tool.context_kwarg is not None or bool(self.tool.resolved_params)

    async def __call__(
        self,
        context: ServerRequestContext[Any] | DirectContext,
        params: InputResponseRequestParams | None,
        arguments: Mapping[str, Any],
    ) -> Any:
        """The function's result, made fit for the wire.

        Raises:
            Unknown: it does not exist for this caller.
            Failed: with a text for the caller.
            ScopeMissing: the client has to ask its user for more.
        """
        self._record(context.method, arguments)
        try:
            enforce(await self.terms.guard.admit(self.definition))
            if self.is_mirrored:
                require_parameter_headers(self.tool.parameters, arguments)
            await self._charge()
            call = partial(self._run, self._context(context, params), arguments)
            result = await RoundTrip(self.word, context, params).run(call)
        except SdkToolError as error:
            raise explain(self.word, self.tool, error) from None
        except (Failed, ScopeMissing):
            self._show_what_fits(arguments)
            raise
        except asyncio.CancelledError:
            raise self._ended() from None
        if isinstance(result, InputRequiredResult) and context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
            raise Failed(
                INVALID_PARAMS,
                f"This {self.word} asks back before it acts, which needs a client of protocol version 2026-07-28.",
            )
        return result

    def _record(self, method: str, arguments: Mapping[str, Any]) -> None:
        record, known = get_record(), self.tool.parameters.get("properties", ())
        record.called(method, self.definition.name)
        if self.word != "completion":  # what somebody was about to type is nobody's call
            opened = self.definition.opened_arguments
            record.arguments(*describe_unchecked(arguments, known, opened), opened)

    def _show_what_fits(self, arguments: Mapping[str, Any]) -> None:
        """Of a call that ended before its arguments were validated, which the record shows all the same.

        Not of one that is hidden from its caller: that would take longer than what does not exist.
        """
        if get_record().is_unvalidated:
            with suppress(Exception, SystemExit):  # they need not fit: the call has failed already
                self.tool.fn_metadata.validate_arguments(dict(arguments))

    async def _charge(self) -> None:
        if self.word != "tool" or self.terms.quota is None:
            return
        if (over := await self.terms.quota.take(get_session())) is not None:
            get_record().denied(over.reason)
            add_reply_fields(over.headers)
            raise Failed(INTERNAL_ERROR, over.text)

    async def _run(self, context: Context[Any, Any], arguments: Mapping[str, Any]) -> Any:
        try:
            return await self.tool.run(dict(arguments), context, convert_result=self.word == "tool")
        except (asyncio.CancelledError, SystemExit) as error:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            # Of the function's own making: a task of its was cancelled, or a library called sys.exit().
            raise SdkToolError(f"{type(error).__name__} in {self.tool.name}") from error
        except MCPError as error:
            if is_ours(error):
                raise
            raise SdkToolError(f"{type(error).__name__} in {self.tool.name}") from error

    def _context(
        self, context: ServerRequestContext[Any] | DirectContext, params: InputResponseRequestParams | None
    ) -> Context[Any, Any]:
        if isinstance(context, DirectContext) or not self.needs_context:
            return _UNSEEN
        return Context(request_context=context, input_params=params)

    def _ended(self) -> BaseException:
        """What a cancellation means: that of the deadline is told, any other is the host's."""
        deadline, task = get_deadline(), asyncio.current_task()
        if task is None or not deadline.passed:
            return asyncio.CancelledError()
        task.uncancel()
        # A sync function runs in a thread, which nothing can stop.
        goes_on = not inspect.iscoroutinefunction(inspect.unwrap(self.tool.fn))
        if goes_on:
            logger.warning("thread left behind", extra={self.word: self.definition.name})
        return Failed(INTERNAL_ERROR, ended(self.word, deadline, goes_on=goes_on))
