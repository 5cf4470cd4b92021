"""A record's line as an event of WorkOS's Audit Logs, for the organisation that the caller acts in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi import Request

from app.audit.metrics import KINDS
from app.audit.printable import printable

if TYPE_CHECKING:
    from workos.audit_logs.models import AuditLogEvent

LIMIT = 500
"""Characters of a metadata value that WorkOS takes."""
_METADATA = ("outcome", "reason", "ms", "client_id", "impersonator", "decision_source", "traceparent")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """All that WorkOS is told. It is sent again as it is: the key, and what it says, make two into one."""

    key: str
    """WorkOS forgets it after 24 hours."""
    organization_id: str
    occurred_at: datetime
    actor_id: str
    actor_type: str
    target_id: str
    target_type: str
    location: str
    user_agent: str | None
    metadata: Mapping[str, str | float | bool]

    def for_workos(self, action: str) -> "AuditLogEvent":
        from workos.audit_logs.models import (
            AuditLogEvent,
            AuditLogEventActor,
            AuditLogEventContext,
            AuditLogEventTarget,
        )

        return AuditLogEvent(
            action=action,
            occurred_at=self.occurred_at,
            actor=AuditLogEventActor(id=self.actor_id, type=self.actor_type),
            targets=[AuditLogEventTarget(id=self.target_id, type=self.target_type)],
            context=AuditLogEventContext(location=self.location, user_agent=self.user_agent),
            metadata=dict(self.metadata),
        )


def event_of(line: Mapping[str, Any], request: Request, now: float) -> AuditEvent | None:
    """The event of one exchange; None where nothing was used, or nobody's organisation could read it."""
    kind = next((each for each in KINDS if each in line), None)
    if kind is None or line["organization_id"] is None:
        return None
    return AuditEvent(
        key=str(uuid4()),
        organization_id=line["organization_id"],
        occurred_at=datetime.fromtimestamp(now, UTC),
        actor_id=line["user_id"],
        actor_type="application" if line["is_machine"] else "user",
        target_id=line[kind],
        target_type=kind,
        # A load balancer's address is a header's text.
        location=printable(request.client.host if request.client else "", 100) or "unknown",
        user_agent=printable(request.headers.get("user-agent", ""), LIMIT) or None,
        metadata={**{name: line[name] for name in _METADATA if name in line}, **_request_id(request)},
    )


def _request_id(request: Request) -> dict[str, str]:
    """Lambda's, by which the event and the record's line find each other."""
    context = request.scope.get("aws.context")
    found = getattr(context, "aws_request_id", None)
    return {"request_id": found} if isinstance(found, str) else {}
