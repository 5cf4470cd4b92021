"""What a caller reads when WorkOS refuses or fails: our words, never those of WorkOS."""

import logging
import math
from collections.abc import Mapping
from typing import Any

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 300
"""A longer wait is not named: nobody waits for it, and it may come from a server in front of WorkOS."""

_PROBLEM = "WorkOS has a problem at the moment. Try again in a minute."
_TEXTS = {
    400: "WorkOS refused the values that were sent. Check the arguments.",
    401: "WorkOS does not accept this server's API key. Its operator has to renew it.",
    403: "This server's WorkOS API key may not do that. Its operator can allow it in the WorkOS dashboard.",
    404: "WorkOS does not know what was asked for. It may have been removed.",
    409: "Somebody else changed this at the same time. Try again.",
    422: "WorkOS refused the values that were sent. Check the arguments.",
}
"""By HTTP status, the `status_code` of the SDK's errors."""


def explain_workos_error(error: BaseException | None) -> str | None:
    """Return the text for the caller if this is an error of the WorkOS SDK, else None.

    The log gets what WorkOS answered, with its request id, which WorkOS' support asks for.
    """
    if error is None or not _is_sdk_error(error):
        return None
    from app.workos.answer_log import describe  # compiling its patterns takes longer than a warm call

    facts = describe(error)
    logger.warning("WorkOS refused or failed", extra=facts)
    return _choose_text(error, facts)


def _is_sdk_error(error: BaseException) -> bool:
    """Compare names: an isinstance check would import the SDK, most of a second, for any error of a tool."""
    return any(
        kind.__name__ == "WorkOSError" and kind.__module__.partition(".")[0] == "workos"
        for kind in type(error).__mro__
    )


def _choose_text(error: BaseException, facts: Mapping[str, Any]) -> str:
    from workos import TransportConnectError, TransportTimeout  # already imported: the error is the SDK's

    status: Any = getattr(error, "status_code", None)  # only an answer of WorkOS has one
    if status == 429:
        return f"WorkOS is asked too often at the moment. Try again {_name_wait(error)}."
    if facts.get("failure") == "not_json":
        return _PROBLEM  # the page of a firewall or a portal says nothing about the key or the arguments
    # The SDK raises its timeouts and connection errors from those of our transport.
    if isinstance(error.__cause__, TransportTimeout):
        return "WorkOS did not answer in time. Try again in a minute."
    if isinstance(error.__cause__, TransportConnectError):
        return "WorkOS cannot be reached at the moment. Try again in a minute."
    return _TEXTS.get(status, _PROBLEM)


def _name_wait(error: BaseException) -> str:
    """Return the wait that WorkOS names, in seconds or as a date, if a person would wait that long."""
    seconds = getattr(error, "retry_after", None)
    if not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
        return "in a moment"
    return f"in {math.ceil(seconds)} seconds" if seconds <= MAX_WAIT_SECONDS else "later"
