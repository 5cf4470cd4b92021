"""One function of an author, as it is served: guarded, arguments checked, failures told."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp.server.mcpserver.tools.base import Tool
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, InputRequiredResult, InputResponseRequestParams
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app.access.declaration import Access
from app.audit.arguments import summarize_arguments, summarize_unvalidated
from app.audit.record import get_record
from app.auth.refusals import ScopeMissing
from app.auth.session import get_session
from app.protocol.asking.round_trip import RoundTrip
from app.protocol.catalogue.definition import Definition
from app.protocol.serving.failures import explain, is_ours
from app.protocol.serving.guard import Guard, enforce
from app.protocol.wire.deadline import describe_timeout, get_deadline
from app.protocol.wire.era import require_parameter_headers
from app.protocol.wire.errors import Failed, Unknown
from app.protocol.wire.reply import add_reply_fields
from app.runtime.loop import Interruption
from app.runtime.threads import AUTHORS, current_work, name_work

if TYPE_CHECKING:
    from app.access.quota import Quota


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every call of one kind, such as tools."""

    guard: Guard
    quota: "Quota | None" = None
    """Counts tool calls."""
    accesses: Sequence[Access] = ()
    """Of everything of the kind, each once."""

    def among(self, definitions: Sequence[Definition[Any]]) -> "Terms":
        """The terms of these definitions."""
        # declare() returns one shared object per rule.
        return replace(self, accesses=tuple({id(each.access): each.access for each in definitions}.values()))

    async def admit(self, definition: Definition[Any]) -> None:
        """Let the caller use it.

        Hidden and unknown things take the same work: for both, WorkOS is asked all that a list would ask, so that
        no wait for WorkOS tells the two apart (docs/decisions/0024-one-caller-harms-no-other.md).

        Raises:
            Unknown: it does not exist for this caller.
            Failed: the caller may not use it, and may know why.
            ScopeMissing: the client has to ask its user for more.
        """
        denied = await self.guard.admit(definition)
        if denied is not None and denied.hidden:
            await self.guard.visible([each for each in self.accesses if each is not definition.access])
        enforce(denied)

    async def refuse_unknown(self, arguments: Mapping[str, Any] = MappingProxyType({})) -> NoReturn:
        """Raises: Unknown, after the work that something hidden takes."""
        # No list shows a parameter of it: the record counts the arguments and repeats none of their names.
        get_record().set_arguments(summarize_arguments(arguments, ()))
        await self.guard.visible(self.accesses)
        raise Unknown


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

    async def __call__(
        self,
        context: ServerRequestContext[Any],
        params: InputResponseRequestParams | None,
        arguments: Mapping[str, Any],
    ) -> Any:
        """The function's result, made fit for the wire.

        Raises:
            Unknown: it does not exist for this caller.
            Failed: with a text for the caller.
            ScopeMissing: the client has to ask its user for more.
        """
        try:
            await self.admit(context.method, arguments)
            if self.is_mirrored:
                require_parameter_headers(self.tool.parameters, arguments)
            await self._charge()
            call = partial(self._run, Context(request_context=context, input_params=params), arguments)
            result = await RoundTrip(self.word, context, params).run(call)
        except SdkToolError as error:
            raise explain(self.word, self.tool, self.definition.file, error) from None
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

    async def admit(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Write down who calls what, and let the caller in; raises as `Terms.admit`."""
        record, known = get_record(), self.tool.parameters.get("properties", ())
        record.set_call(method, self.definition.name)
        name_work(self.definition.name)
        if self.word != "completion":  # what somebody was about to type is nobody's call
            opened = self.definition.opened_arguments
            record.set_arguments(summarize_unvalidated(arguments, known, opened), opened)
        await self.terms.admit(self.definition)

    def _show_what_fits(self, arguments: Mapping[str, Any]) -> None:
        """Of a call that ended before its arguments were validated, which the record shows all the same.

        Not of one that is hidden from its caller: that would take longer than what does not exist.
        """
        if get_record().is_unvalidated:
            with suppress(BaseException):  # they need not fit: the call has failed already
                self.tool.fn_metadata.validate_arguments(dict(arguments))

    async def _charge(self) -> None:
        if self.word != "tool" or self.terms.quota is None:
            return
        if (over := await self.terms.quota.take(get_session())) is not None:
            get_record().mark_denied(over.reason)
            add_reply_fields(over.headers)
            raise Failed(INTERNAL_ERROR, over.text)

    async def _run(self, context: Context[Any, Any], arguments: Mapping[str, Any]) -> Any:
        try:
            return await self.tool.run(dict(arguments), context, convert_result=self.word == "tool")
        except Interruption:
            raise
        except MCPError as error:
            if is_ours(error):
                raise
            raise SdkToolError(f"{type(error).__name__} in {self.tool.name}") from error
        except SdkToolError:
            raise
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            # Of the function's own making: a task of its was cancelled, a library called sys.exit() or panicked.
            raise SdkToolError(f"{type(error).__name__} in {self.tool.name}") from error

    def _ended(self) -> BaseException:
        """What a cancellation means: that of the deadline is told, any other is the host's."""
        deadline, task = get_deadline(), asyncio.current_task()
        if task is None or not deadline.passed:
            return asyncio.CancelledError()
        task.uncancel()
        # A thread is what nothing can stop.
        goes_on = AUTHORS.running(current_work()) > 0
        return Failed(INTERNAL_ERROR, describe_timeout(self.word, deadline, goes_on=goes_on))


def _is_cancelled() -> bool:
    """Whether this very task is, by the deadline or the host."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
