"""What a step of background work may be, and what is kept of it; the same in the worker and in a test."""

import json
from inspect import iscoroutine
from typing import Any, TypeVar

from app.authoring.ask import copy_through_json
from app.authoring.errors import StepFailed, ToolError
from app.current import CallerError
from app.workos.errors import explain_workos_error

T = TypeVar("T")

MAX_KEPT_BYTES = 512 * 1024
"""Of what the engine keeps of one step or question, as JSON. With more than 750 KiB the SDK of durable executions
(3.0.0) waits for ever."""
MAX_FAILURE_CHARACTERS = 20_000
"""Of the text of a step that failed. As JSON, a character has 12 bytes at most."""


def require_step_function(name: str, function: Any) -> None:
    """Check what a step should run.

    Raises:
        TypeError: it cannot be called. Its author has called it already, for example.
    """
    if callable(function):
        return
    if iscoroutine(function):
        function.close()  # otherwise Python warns that nobody waited for it
    raise TypeError(
        f"step {name} takes a function and its arguments: write work.step({name!r}, fetch, argument), and not "
        f"work.step({name!r}, fetch(argument))"
    )


def copy_step_result(name: str, value: T) -> T:
    """The result of a step as later runs get it.

    Raises:
        TypeError: JSON would change it.
        ToolError: it is more than the engine keeps. The text has the name of the step, the size and the limit.
    """
    copied = copy_through_json(f"the result of step {name}", value)
    if (size := len(json.dumps(copied))) > MAX_KEPT_BYTES:
        raise ToolError(
            f"The step {name} returned {size:,} bytes of JSON, and at most {MAX_KEPT_BYTES:,} can be kept."
        )
    return copied


def read_failure(error: Exception) -> str | None:
    """What the caller may read of an exception of a step; None if only the log may have it."""
    text = str(error) if isinstance(error, CallerError) else explain_workos_error(error)
    return text if text is None or len(text) <= MAX_FAILURE_CHARACTERS else f"{text[:MAX_FAILURE_CHARACTERS]}…"


def build_failure(name: str, text: str | None) -> Exception:
    """What the tool gets in each run from a step that raised: `text` is what the caller may read."""
    return StepFailed(f"step {name} failed") if text is None else ToolError(text)
