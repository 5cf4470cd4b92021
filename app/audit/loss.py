"""An event that WorkOS will never have, as a line in the log: it is counted, and alarms can watch it."""

import logging
from typing import Any, Literal, TypeAlias

from app.audit.event import AuditEvent

logger = logging.getLogger(__name__)

LOST = "audit event lost"

Reason: TypeAlias = Literal["refused", "given_up", "full", "shutdown"]


def tell_lost(event: AuditEvent, reason: Reason, error: Exception | None = None) -> None:
    """The exchange's own line, which has the same request id, is what remains of it."""
    logger.warning(
        LOST,
        extra={
            **_said(error),
            "reason": reason,
            "lost_request_id": event.metadata.get("request_id"),
            "organization_id": event.organization_id,
            event.target_type: event.target_id,
        },
    )


def _said(error: Exception | None) -> dict[str, Any]:
    if error is None:
        return dict.fromkeys(("cause", "status", "code", "workos_request_id"))
    from app.workos.answer_log import describe  # only once something failed: a cold start does without

    told = describe(error)
    return {"cause": told.pop("reason"), **told}


def tell_defect(error: Exception) -> None:
    """Of our own making, before there was an event."""
    logger.error(LOST, extra={"reason": "defect"}, exc_info=error)
