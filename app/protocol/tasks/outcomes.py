"""How background work ends: with the result of its tool, or with an error that says what happened."""

import json
from typing import Any

from mcp_types import INTERNAL_ERROR, CallToolResult, TextContent

from app.audit.work import WorkOutcome
from app.protocol.wire.reply import MAX_REPLY_BYTES

MAX_RESULT_BYTES = MAX_REPLY_BYTES - 16 * 1024
"""Of a result, as it travels in the answer to a caller, beside the rest of that answer."""
_PARTLY_DONE = "It may have done part of what it was asked for."

Outcome = dict[str, Any]
"""`{"result": CallToolResult}` or `{"error": JSON-RPC error}`, as they are sent."""


def write_outcome(result: CallToolResult) -> Outcome:
    """The result; or a tool error in its place if no answer could hold it."""
    return {"result": _bound(result).model_dump(by_alias=True, mode="json", exclude_none=True)}


def explain_unknown_tool() -> Outcome:
    """A later release of the server has no such tool."""
    return _fail("This version of the server has no such tool any more.")


def explain_interruption(retries: int) -> Outcome:
    """The worker ended in a step, and in each of the `retries` that the tool allows."""
    if retries:
        times = "once" if retries == 1 else f"{retries} times"
        return _fail(
            f"The work was interrupted in the middle of a step. The step was begun again {times}, as often as the "
            f"tool allows, and was interrupted each time. {_PARTLY_DONE}"
        )
    return _fail(
        "The work was interrupted in the middle of a step and is not begun again, because the tool does "
        f"not allow it. {_PARTLY_DONE}"
    )


def explain_lost_result() -> Outcome:
    """The step of a tool without steps is done, but the worker ended before it gave the large result back."""
    return _fail(
        "The work is done, but the worker was interrupted before it could give its result back, and the result "
        "was too large to be kept."
    )


def explain_other_order() -> Outcome:
    """The tool was changed while the work went on, or does not do the same in each run."""
    return _fail(
        "The work cannot go on, because its tool does not do the same steps as when the work began: it was "
        f"changed meanwhile, or has a mistake. Begin it again. {_PARTLY_DONE}"
    )


def explain_unanswered() -> Outcome:
    """A question waited until the time of the work was over."""
    return _fail("Nobody answered the question of the work in the time that the work may take, so it was ended.")


def explain_time(minutes: float, *, is_step: bool) -> Outcome:
    """The time of one step is over, for `is_step`, or the minutes that the work may take in all."""
    if is_step:
        return _fail(
            "A step of the work took longer than one step may, which is about 14 minutes, and was ended. "
            f"{_PARTLY_DONE}"
        )
    return _fail(f"The work was ended after {minutes:g} minutes, the most that it may take. {_PARTLY_DONE}")


def name_outcome(outcome: Outcome) -> WorkOutcome:
    """For the record."""
    if "error" in outcome:
        return "error"
    return "tool_error" if outcome["result"].get("isError") else "ok"


def _bound(result: CallToolResult) -> CallToolResult:
    # The gateway gets the body as a JSON string inside JSON.
    size = len(json.dumps(result.model_dump_json(by_alias=True, exclude_none=True)))
    if size <= MAX_RESULT_BYTES:
        return result
    text = (
        f"The work is done, but its result is {size:,} bytes long and at most {MAX_RESULT_BYTES:,} can be "
        "returned (each counted as it travels, as JSON inside JSON). Nothing of it is kept: ask for less."
    )
    return CallToolResult(content=[TextContent(text=text)], is_error=True)


def _fail(text: str) -> Outcome:
    return {"error": {"code": INTERNAL_ERROR, "message": text}}
