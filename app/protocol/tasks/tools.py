"""`get_result` and `cancel_work`: how a client that does not know tasks comes back to background work."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

from mcp.server.context import ServerRequestContext
from mcp_types import INVALID_PARAMS, CallToolResult, ElicitResult, InputRequiredResult
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import Field, ValidationError

from app.access.declaration import declare
from app.access.requirements import any_of
from app.authoring.call import NoCall
from app.authoring.step import MAX_KEPT_BYTES
from app.authoring.tool import ToolMetadata
from app.protocol.asking.answers import find_modes, require_fit
from app.protocol.catalogue.catalogue import Catalogue
from app.protocol.catalogue.definition import CatalogueError, ToolDefinition, define
from app.protocol.catalogue.pages import relax_for_list
from app.protocol.tasks.beginning import MAX_WAIT_SECONDS, Beginnings, FoundWork, current_context
from app.protocol.tasks.handles import UnknownWork
from app.protocol.tasks.state import Question, WorkState
from app.protocol.tasks.texts import CANCEL_WORK, GET_RESULT, UNKNOWN, build_result, confirm_cancel, explain_engine
from app.protocol.wire.errors import CallFailed
from app.runtime.durable import EngineUnavailable

HandleArgument = Annotated[str, Field(description="The handle of the work, exactly as the tool gave it.")]
Seconds = Annotated[int, Field(ge=0, le=int(MAX_WAIT_SECONDS), description="How long to wait for the result.")]


_REPLACED = NoCall("the server runs WorkTools in the place of this function, which only describes the tool")


def add_work_tools(catalogue: Catalogue) -> Catalogue:
    """The catalogue with the two tools. Whoever sees a background tool in the list sees them too.

    Raises:
        CatalogueError: a tool of somebody else has one of the two names.
    """
    began = [each for each in catalogue.tools if each.metadata.background]
    for each in catalogue.tools:
        if each.name in (GET_RESULT, CANCEL_WORK):
            raise CatalogueError(
                f"{each.file}: the server itself adds a tool {each.name}, because {began[0].file} works in the "
                "background; rename the function"
            )
    access = declare(
        any_of(*(relax_for_list(each.metadata.access.requires) for each in began)),
        discoverable=any(each.metadata.access.discoverable for each in began),
    )
    ours = [
        _define(get_result, ToolMetadata(title="Get a result", read_only=True, access=access)),
        _define(cancel_work, ToolMetadata(title="Cancel work", destructive=True, idempotent=True, access=access)),
    ]
    return replace(catalogue, tools=tuple(sorted([*catalogue.tools, *ours], key=lambda each: each.name)))


def _define(function: Any, metadata: ToolMetadata) -> ToolDefinition:
    return define("tool", "app/protocol/tasks/tools.py", function, metadata)


async def get_result(handle: HandleArgument, wait_seconds: Seconds = 20) -> CallToolResult:
    """Get the result of work that another tool began, or how far it is. It waits some seconds for the result."""
    raise _REPLACED


async def cancel_work(handle: HandleArgument) -> CallToolResult:
    """End work that another tool began and that goes on in the background."""
    raise _REPLACED


class WorkTools:
    """Does what the two tools describe."""

    def __init__(self, beginnings: Beginnings) -> None:
        self._beginnings = beginnings

    async def get_result(self) -> CallToolResult | InputRequiredResult:
        """The result, a question to the user, or how the work stands."""
        context, arguments = current_context.get(), _read_arguments()
        found = await self._find(arguments["handle"], is_seen=True)
        answered = await self._take_answers(context, found.state)
        wait_seconds = float(arguments.get("wait_seconds", MAX_WAIT_SECONDS))
        seen = None if answered else found
        with _explain_unknown():
            state = await self._beginnings.wait(found.handle, wait_seconds, answered, seen)
        if requests := choose_requests(context, state):
            # The state says nothing: the questions are in the execution. Some clients answer only with a state.
            return InputRequiredResult.model_validate({"inputRequests": requests, "requestState": "{}"})
        return build_result(state, arguments["handle"], self._beginnings.clock(), can_ask=False)

    async def cancel_work(self) -> CallToolResult:
        """Whoever began it may end it, also without the permission to begin it again."""
        found = await self._find(_read_arguments()["handle"], is_seen=False)
        try:
            await self._beginnings.engine.stop(found.handle.arn)
        except EngineUnavailable as failure:
            raise explain_engine(failure, began=True) from None
        return confirm_cancel(found.state)

    async def _find(self, handle: str, *, is_seen: bool) -> FoundWork:
        with _explain_unknown():
            return await self._beginnings.find(handle, is_seen=is_seen)

    async def _take_answers(self, context: ServerRequestContext[Any, Any], state: WorkState) -> frozenset[str]:
        """The keys of the questions that are answered with this call."""
        given = (context.params or {}).get("inputResponses")
        if not isinstance(given, dict):
            return frozenset()
        try:
            return await deliver_answers(self._beginnings, state, given)
        except AnswerRefused as refused:
            text = f"{refused.message} Call {GET_RESULT} with this handle again, and it asks the user."
            raise CallFailed(INVALID_PARAMS, text) from None


@contextmanager
def _explain_unknown() -> Iterator[None]:
    try:
        yield
    except UnknownWork:
        raise CallFailed(INVALID_PARAMS, UNKNOWN) from None


class AnswerRefused(CallFailed):
    """An answer of the user cannot be given to the work; the message is for the caller and does not repeat it."""


async def deliver_answers(beginnings: Beginnings, state: WorkState, given: Mapping[str, Any]) -> frozenset[str]:
    """Give the user's answers to the work, and return their keys.

    Others than those to its open questions are ignored (SEP-2663).

    Raises:
        AnswerRefused: an answer does not fit its question, and then none was given.
        CallFailed: the engine did not take it.
    """
    read = {key: _read_answer(each, given[key]) for key, each in state.questions.items() if key in given}
    for key, answer in read.items():
        try:
            await beginnings.engine.answer(state.questions[key].callback_id, answer)
        except EngineUnavailable as failure:
            raise explain_engine(failure, began=True) from None
    return frozenset(read)


def _read_answer(question: Question, given: Any) -> Mapping[str, Any]:
    """The answer for the work, which would end with an error if it did not fit.

    Raises:
        AnswerRefused: it does not fit, or is too large to be kept.
    """
    try:
        answer = ElicitResult.model_validate(given)
    except ValidationError:
        raise _refuse("An answer in inputResponses needs an action, which is accept, decline or cancel.") from None
    members = {"action": answer.action, "content": answer.content}
    if (size := len(json.dumps(members))) > MAX_KEPT_BYTES:
        raise _refuse(f"The user's answer is {size:,} bytes of JSON, and at most {MAX_KEPT_BYTES:,} can be kept.")
    if answer.action == "accept" and (form := question.request["params"].get("requestedSchema")) is not None:
        try:
            require_fit(form, answer.content)
        except CallFailed as misfit:
            raise _refuse(f"{misfit.message}.") from None
    return members


def _refuse(text: str) -> AnswerRefused:
    return AnswerRefused(INVALID_PARAMS, f"{text} The question stays open.")


def _read_arguments() -> Mapping[str, Any]:
    """The arguments of the current call, which are valid by now."""
    arguments: Mapping[str, Any] = (current_context.get().params or {})["arguments"]
    return arguments


def choose_requests(context: ServerRequestContext[Any, Any], state: WorkState) -> dict[str, Any]:
    """The open questions that this client can put to its user."""
    if context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
        return {}
    modes: Sequence[str] = find_modes(context)
    questions = {key: each.request for key, each in state.questions.items()}
    return {key: each for key, each in questions.items() if each["params"].get("mode", "form") in modes}
