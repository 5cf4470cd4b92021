"""What a caller is told when WorkOS does not answer as hoped: our words, never WorkOS's."""

import logging
import math
import sys

from app.auth.workos import NotForCallers

logger = logging.getLogger(__name__)


def explain(error: BaseException | None) -> str | None:
    """The text for the caller if the error comes from WorkOS or from reaching it; None for any other.

    The log gets the kind, the status and WorkOS's request id, which its support asks for.
    """
    if isinstance(error, NotForCallers):
        return str(error)
    if error is None or "workos" not in sys.modules:
        return None
    from workos import WorkOSError

    if not isinstance(error, WorkOSError):
        return None
    logger.warning(
        "WorkOS refused or failed",
        extra={
            "reason": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "workos_request_id": getattr(error, "request_id", None),
            "code": getattr(error, "code", None),
        },
    )
    return _text(error)


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
    return "WorkOS has a problem at the moment. Try again in a minute."


def _wait(error: BaseException) -> str:
    seconds = getattr(error, "retry_after", None)
    return (
        f"in {math.ceil(seconds)} seconds" if isinstance(seconds, int | float) and seconds > 0 else "in a moment"
    )
