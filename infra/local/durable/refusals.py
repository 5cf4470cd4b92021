"""What Lambda refuses of durable executions. Both engines ask here: that of `make dev` and that of tests."""

import json
import re
from collections.abc import Mapping
from typing import Any

from infra.local.durable.errors import InvalidParameter, TooLarge
from infra.local.durable.limits import MAX_CALLBACK_BYTES, MAX_EVENT_BYTES, MAX_OPERATION_BYTES

ENDS = {"SUCCEEDED", "FAILED", "CANCELLED", "TIMED_OUT"}
"""The statuses after which an operation does not change any more."""
# The status of an operation after an action. Waits and callbacks are ended by the engine, not by the handler.
_STATUSES = {
    ("STEP", "START"): "STARTED",
    ("STEP", "RETRY"): "PENDING",
    ("STEP", "SUCCEED"): "SUCCEEDED",
    ("STEP", "FAIL"): "FAILED",
    ("CONTEXT", "START"): "STARTED",
    ("CONTEXT", "SUCCEED"): "SUCCEEDED",
    ("CONTEXT", "FAIL"): "FAILED",
    ("WAIT", "START"): "STARTED",
    ("WAIT", "CANCEL"): "CANCELLED",
    ("CALLBACK", "START"): "STARTED",
    ("EXECUTION", "SUCCEED"): "SUCCEEDED",
    ("EXECUTION", "FAIL"): "FAILED",
}
# DurableExecutionName, in botocore's model of the API.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_beginning(name: str | None, body: bytes) -> str:
    """The text with which an execution begins.

    Raises:
        TooLarge: the payload is over 1 MiB.
        InvalidParameter: the name has another form, or the payload is not JSON.
    """
    if len(body) > MAX_EVENT_BYTES:
        raise TooLarge(
            f"{len(body)} byte payload is too large for the Event invocation type (limit {MAX_EVENT_BYTES} bytes)"
        )
    if name is not None and not _NAME.fullmatch(name):
        raise InvalidParameter("DurableExecutionName must be 1 to 64 letters, digits, hyphens and underscores")
    return read_text(body)


def check_callback(body: bytes) -> None:
    """Refuse what is too large to answer a callback with.

    Raises:
        TooLarge: it is over 1 MiB.
    """
    if len(body) > MAX_CALLBACK_BYTES:
        raise TooLarge(f"the callback's result is over {MAX_CALLBACK_BYTES} bytes")


def check_update(update: Mapping[str, Any], found: Mapping[str, Any] | None) -> str:
    """The status that an update of a checkpoint gives to its operation; `found` is the operation, if it exists.

    Raises:
        InvalidParameter: an action that the type does not have, an operation that has ended already, a payload
            over 6 MiB.
    """
    kind, action = update.get("Type"), update.get("Action")
    if kind == "CHAINED_INVOKE":
        raise InvalidParameter("the local engine runs no other functions: call them from a step")
    if (status := _STATUSES.get((str(kind), str(action)))) is None:
        raise InvalidParameter(f"Invalid action {action} for {kind} operation.")
    if len((update.get("Payload") or "").encode()) > MAX_OPERATION_BYTES:
        raise InvalidParameter(f"The payload of operation {update.get('Id')} is over {MAX_OPERATION_BYTES} bytes.")
    if kind != "EXECUTION" and found is not None and found.get("Status") in ENDS:
        raise InvalidParameter(f"Operation {update['Id']} has ended already.")
    return status


def read_text(body: bytes) -> str:
    """A payload as text.

    Raises:
        InvalidParameter: it is not JSON.
    """
    try:
        text = body.decode()
        json.loads(text or "null")
    except ValueError:
        raise InvalidParameter("the payload is not JSON") from None
    return text
