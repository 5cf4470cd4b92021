"""What a caller is told when WorkOS does not answer as hoped: our words, never WorkOS's."""

import logging
import math
import sys

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 300
"""A longer wait is not told: nobody waits for it, and what says so may not be WorkOS."""

_PROBLEM = "WorkOS has a problem at the moment. Try again in a minute."


def explain(error: BaseException | None) -> str | None:
    """The text for the caller if the error comes from WorkOS or from reaching it; None for any other.

    The log gets what WorkOS said and its request id, which its support asks for (see workos_log).
    """
    if error is None or "workos" not in sys.modules:
        return None
    from workos import WorkOSError

    if not isinstance(error, WorkOSError):
        return None
    from app.workos.answer_log import describe  # its patterns take longer to read than a warm call

    told = describe(error)
    logger.warning("WorkOS refused or failed", extra=told)
    # A firewall's or a portal's page says nothing of the key, nor of the arguments.
    return _PROBLEM if told.get("failure") == "not_json" and told["status"] != 429 else _text(error)


def _text(error: BaseException) -> str:
    from workos import _errors as kinds

    texts: list[tuple[type[BaseException], str]] = [
        (kinds.NotFoundError, "WorkOS does not know what was asked for. It may have been removed."),
        (kinds.AuthenticationError, "WorkOS does not accept this server's API key. Its operator has to renew it."),
        (
            kinds.AuthorizationError,
            "This server's WorkOS API key may not do that. Its operator can allow it in the WorkOS dashboard.",
        ),
        (kinds.RateLimitExceededError, f"WorkOS is asked too often at the moment. Try again {_wait(error)}."),
        (kinds.UnprocessableEntityError, "WorkOS refused the values that were sent. Check the arguments."),
        (kinds.BadRequestError, "WorkOS refused the values that were sent. Check the arguments."),
        (kinds.ConflictError, "Somebody else changed this at the same time. Try again."),
        (kinds.WorkOSTimeoutError, "WorkOS did not answer in time. Try again in a minute."),
        (kinds.WorkOSConnectionError, "WorkOS cannot be reached at the moment. Try again in a minute."),
    ]
    for kind, text in texts:
        if isinstance(error, kind):
            return text
    return _PROBLEM


def _wait(error: BaseException) -> str:
    """The wait that WorkOS names, in seconds or as a date, if a person would wait for so long."""
    seconds = getattr(error, "retry_after", None)
    if not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
        return "in a moment"
    return f"in {math.ceil(seconds)} seconds" if seconds <= MAX_WAIT_SECONDS else "later"
