"""A function of an author as callers reach it: admitted, charged, run, and its failures put into words."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp.server.mcpserver.exceptions import UnexpectedToolError
from mcp.server.mcpserver.tools.base import Tool
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
    InputResponseRequestParams,
    TextContent,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app.access.requirements import Check
from app.audit.arguments import summarize_unvalidated
from app.audit.record import get_record
from app.auth.refusals import ScopeMissing
from app.protocol.asking.round_trip import RoundTrip
from app.protocol.catalogue.definition import Definition
from app.protocol.catalogue.injection import InjectionPlan
from app.protocol.serving.dependencies import run_dependency, run_with_clean_up
from app.protocol.serving.failures import explain_failure, find_readable
from app.protocol.serving.guard import KindGuard
from app.protocol.wire.deadline import current_deadline, describe_timeout
from app.protocol.wire.errors import CallFailed, NotOffered
from app.protocol.wire.post import require_parameter_headers
from app.runtime.loop import Interruption
from app.runtime.threads import AUTHORS, find_work, in_authors_thread, name_work
from app.workos.client import NoAnswerForCaller


@dataclass(frozen=True, slots=True)
class ServedFunction:
    """A tool, prompt, resource or completer, ready to be called.

    All of them run in the SDK's `Tool`. No other class of the SDK tells an argument that does not fit from a
    failure inside the function, whose text must stay here.
    """

    noun: str
    """What callers call it, such as "tool"."""
    definition: Definition[Any]
    tool: Tool
    guard: KindGuard
    has_parameter_headers: bool = False
    """Whether `Mcp-Param-*` headers repeat some of its arguments."""
    has_clean_up: bool = False
    """Whether some of its dependencies yield."""
    is_converted: bool = True
    """Whether a tool's result still has to be converted for the protocol."""

    async def __call__(
        self,
        context: ServerRequestContext[Any],
        params: InputResponseRequestParams | None,
        arguments: Mapping[str, Any],
    ) -> Any:
        """Call the function and return its result, converted for the protocol.

        Raises:
            NotOffered: it does not exist for this caller.
            CallFailed: with a text for the caller.
            ScopeMissing: the client has to ask its user for more scopes.
        """
        try:
            await self._admit(context.method, arguments)
            if self.has_parameter_headers:
                require_parameter_headers(self.tool.parameters, arguments)
            if self.noun == "tool":
                await self.guard.charge()
            run = partial(self._run, Context(request_context=context, input_params=params), arguments)
            result = await RoundTrip(self.noun, context, params).run(run)
        except SdkToolError as error:
            raise explain_failure(self.noun, self.tool, self.definition.file, error) from None
        except (CallFailed, ScopeMissing):
            self._record_arguments(arguments)
            raise
        except asyncio.CancelledError:
            raise self._explain_cancellation() from None
        if isinstance(result, InputRequiredResult) and context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
            raise CallFailed(
                INVALID_PARAMS,
                f"This {self.noun} asks back before it acts, which needs a client of protocol version 2026-07-28.",
            )
        return result

    async def decide_again(self, arguments: Mapping[str, Any]) -> None:
        """Decide again whether the caller may use it with these arguments, without counting or running it.

        Only for a function that `prepare_function` made with `instead`, which must do nothing now.

        Raises:
            NotOffered, CallFailed, ScopeMissing: as a call.
        """
        await self.guard.admit(self.definition)
        if self.definition.metadata.access.checks:
            try:
                await self._run(Context(), arguments)
            except SdkToolError as error:
                raise explain_failure(self.noun, self.tool, self.definition.file, error) from None

    async def run_admitted(self, arguments: Mapping[str, Any], require: Callable[[], None]) -> Any:
        """The result for a caller who was let in before, outside of a request.

        `require` raises if the function did something wrong that nobody could see before its end.

        Raises:
            MCPError: the failure, in words for the caller.
        """
        try:
            return await self._run_and_check(arguments, require)
        except SdkToolError as error:
            raise explain_failure(self.noun, self.tool, self.definition.file, error) from None

    async def _run_and_check(self, arguments: Mapping[str, Any], require: Callable[[], None]) -> Any:
        result = await self._run(Context(), arguments)
        try:
            require()
        except RuntimeError as mistake:
            raise SdkToolError from mistake
        return result

    async def _admit(self, method: str, arguments: Mapping[str, Any]) -> None:
        record, known = get_record(), self.tool.parameters.get("properties", ())
        record.set_call(method, self.definition.name)
        name_work(self.definition.name)
        if self.noun != "completion":  # a text that somebody is still typing belongs into no record
            opened = self.definition.opened_arguments
            record.set_arguments(summarize_unvalidated(arguments, known, opened), opened)
        await self.guard.admit(self.definition)

    def _record_arguments(self, arguments: Mapping[str, Any]) -> None:
        """Validate the arguments of a call that ended before that, for the record, which shows some of them.

        Not for a hidden function: it would then take longer than an unknown one.
        """
        if get_record().is_unvalidated:
            with suppress(BaseException):  # the call has failed already, so they need not be valid
                self.tool.fn_metadata.validate_arguments(dict(arguments))

    async def _run(self, context: Context[Any, Any], arguments: Mapping[str, Any]) -> Any:
        is_converted = self.noun == "tool" and self.is_converted
        try:
            run = partial(self.tool.run, dict(arguments), context, convert_result=is_converted)
            return await (run_with_clean_up(run) if self.has_clean_up else run())
        except (Interruption, SdkToolError):
            raise
        except MCPError as error:
            if (readable := find_readable(error, self.noun, self.tool)) is not None:
                raise readable from None
            raise SdkToolError(f"{type(error).__name__} in {self.tool.name}") from error
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            # The function caused it: one of its tasks was cancelled, or a library called sys.exit() or panicked.
            # A clean-up may also have raised it.
            raise UnexpectedToolError(f"{type(error).__name__} in {self.tool.name}") from error

    def _explain_cancellation(self) -> BaseException:
        """The failure if the deadline cancelled the call; else the host did, and it goes on."""
        deadline, task = current_deadline.get(), asyncio.current_task()
        if task is None or not deadline.passed:
            return asyncio.CancelledError()
        task.uncancel()
        # Nothing can stop a thread.
        goes_on = AUTHORS.running(find_work()) > 0
        return CallFailed(INTERNAL_ERROR, describe_timeout(self.noun, deadline, goes_on=goes_on))


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Answers tools/call. A failure of a tool is a result, which the model reads."""

    functions: Mapping[str, ServedFunction]
    """All tools, by name."""
    guard: KindGuard

    async def __call__(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        """Call the tool that the params name.

        Raises:
            MCPError: the tool does not exist, or not for this caller; or the client has to be another one.
        """
        arguments = params.arguments or {}
        try:
            if (function := self.functions.get(params.name)) is None:
                await self.guard.refuse_unknown(arguments)
            result: CallToolResult | InputRequiredResult = await function(context, params, arguments)
        except NotOffered:
            # server/tools, Error Handling: an unknown tool is a protocol error. A hidden one gets the same answer.
            raise MCPError(INVALID_PARAMS, "There is no such tool. tools/list names those that exist.") from None
        except CallFailed as failed:
            return CallToolResult(content=[TextContent(text=failed.message)], is_error=True)
        return result


def inject(plan: InjectionPlan) -> Callable[..., Awaitable[Any]]:
    """The function of the plan without the parameters that the server fills, always async.

    Its signature lacks them, so no schema shows them and no client can set them.
    A sync function runs in a worker thread, with the same context variables.
    """
    function = plan.function

    @wraps(function)
    async def call(**arguments: Any) -> Any:
        if plan.injected:
            arguments |= await _fill_parameters(plan, {})
        if inspect.iscoroutinefunction(function):
            return await function(**arguments)
        return await in_authors_thread(partial(function, **arguments))

    call.__signature__ = plan.visible_signature()  # type: ignore[attr-defined]
    return call


async def run_check(plans: Mapping[Check, InjectionPlan], arguments: Mapping[str, Any], check: Check) -> bool:
    """Whether the author's check lets the caller in, who called with these arguments; `plans` has its plan.

    What its dependencies have left to do is done before the function begins.
    """
    plan = plans[check]

    async def run() -> bool:
        injected = await _fill_parameters(plan, {})
        # Only True lets a caller in. A check that returns what it found, such as a row, does not.
        return await check.function(**{name: arguments[name] for name in plan.arguments}, **injected) is True

    try:
        return await (run_with_clean_up(run) if plan.yields else run())
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # of any kind: whoever gets no yes is denied
        get_record().mark_denied("undecidable" if isinstance(error, NoAnswerForCaller) else check.reason)
        raise


async def _fill_parameters(plan: InjectionPlan, values: dict[Hashable, Any]) -> dict[str, Any]:
    """The injected arguments of the function; `values` are those of this call's dependencies so far, by key."""
    arguments = {}
    for name, each in plan.injected.items():
        if each.use_cache and each.key in values:
            arguments[name] = values[each.key]
            continue
        own = await _fill_parameters(each, values) if each.injected else {}
        value = each.function(**own) if each.kind == "ready" else await run_dependency(each, own)
        arguments[name] = value
        values.setdefault(each.key, value)
    return arguments


def _is_cancelled() -> bool:
    """Whether the deadline or the host cancelled this very task."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
