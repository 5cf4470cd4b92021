"""What callers read of background work: results of tools, and errors, in words for a model or a person."""

from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, CallToolResult, TextContent

from app.audit.record import get_record
from app.protocol.tasks.state import WorkState
from app.protocol.wire.errors import CallFailed
from app.protocol.wire.reply import add_reply_fields
from app.runtime.durable import RETRY_SECONDS, EngineUnavailable

GET_RESULT = "get_result"
CANCEL_WORK = "cancel_work"
UNKNOWN = (
    "There is no such work. A handle is good for the caller who began the work, in the same client and "
    "organisation, until its result is deleted."
)
_INVALID = {
    "too_large": "The arguments are too large: with what the server adds, background work takes 1 MiB at most.",
    "other_payload": (
        "Work with this Idempotency-Key has begun already, with other arguments or another access token. Use "
        "another key."
    ),
}
"""For causes that lie in the call, so that trying again does not help."""
_POLL_SECONDS = ((10, 1), (60, 2), (600, 5), (3600, 15))
"""For work that is younger than the first number, the seconds after which to look again."""
_MAX_POLL_SECONDS = 60


def suggest_wait(age_seconds: float) -> int:
    """After how many seconds a caller should look again: the older the work, the longer."""
    return next((wait for age, wait in _POLL_SECONDS if age_seconds < age), _MAX_POLL_SECONDS)


def build_result(state: WorkState, handle: str, now: float, *, can_ask: bool) -> CallToolResult:
    """The result of the tool itself; before, or without one, a result that says how the work stands.

    `can_ask` says whether the client can put the questions of the work to its user.
    """
    if state.result is not None:
        return CallToolResult.model_validate(state.result)
    if state.error is not None:
        return _say(str(state.error["message"]), is_error=True)
    if state.is_over:
        text = f"The work of {state.tool} was cancelled. It may have done part of what it was asked for."
        return _say(text, is_error=True)
    wait = suggest_wait(now - state.began)
    advice = _advise(state, wait, can_ask=can_ask)
    data = {
        "handle": handle,
        "status": state.status,
        "status_message": state.message,
        "retry_after_seconds": wait,
        # Some clients, such as Claude Code, give their model nothing but the structured content.
        "next_step": f"{advice}.",
    }
    said = f' It says: "{state.message}".' if state.message else ""
    text = f"The work of {state.tool} goes on in the background and has no result yet.{said} {advice}: {handle}"
    return CallToolResult(content=[TextContent(text=text)], structured_content=data)


def _advise(state: WorkState, wait: int, *, can_ask: bool) -> str:
    """What the model should do next."""
    if not state.questions:
        return f"Call {GET_RESULT} with this handle in {wait} s, or {CANCEL_WORK} to end the work"
    questions = " ".join(f'"{each.text}"' for each in state.questions.values())
    waits = f"It waits for an answer of the user: {questions}"
    if can_ask:
        return f"{waits} Call {GET_RESULT} with this handle now, and it asks the user"
    return (
        f"{waits} This client cannot ask its user for the server, so the work does not go on. To answer, the user "
        "begins it again in a client of protocol version 2026-07-28 with the capability elicitation. Call "
        f"{CANCEL_WORK} with this handle to end it here"
    )


def confirm_cancel(state: WorkState) -> CallToolResult:
    """The answer to cancel_work."""
    if state.is_over:
        return _say(f"The work of {state.tool} is over already; {GET_RESULT} gives its result.")
    return _say(
        f"The work of {state.tool} is cancelled. What it does now ends within about a minute. It may have done "
        "part of what it was asked for."
    )


def explain_engine(failure: EngineUnavailable, *, began: bool) -> CallFailed:
    """The error for the caller while the engine does not answer; `began` says whether the work exists already.

    The record of the call says why.
    """
    get_record().set_engine_failure(failure.cause)
    if (text := _INVALID.get(failure.cause)) is not None:
        return CallFailed(INVALID_PARAMS, text)
    add_reply_fields({"retry-after": str(RETRY_SECONDS)})
    if began:
        text = "The work goes on, but its state cannot be read now."
    elif failure.cause == "unreachable":
        text = "The engine of background work gave no answer. The work may have begun all the same."
    else:
        text = "Background work cannot begin now. Nothing was begun."
    return CallFailed(INTERNAL_ERROR, f"{text} Try again in {RETRY_SECONDS} seconds.")


def _say(text: str, *, is_error: bool = False) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], is_error=is_error)
