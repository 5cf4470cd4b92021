"""A record's line as an event of WorkOS's Audit Logs, for the organisation in which the caller acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from fastapi import Request

from app.audit.arguments import make_printable
from app.audit.record import KINDS

if TYPE_CHECKING:
    from workos.audit_logs.models import AuditLogEvent

MAX_METADATA_CHARACTERS = 500
"""Characters of a metadata value that WorkOS accepts."""
MAX_LOCATION_CHARACTERS = 100
_METADATA_FIELDS = ("outcome", "reason", "ms", "client_id", "impersonator", "decision_source", "traceparent")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """All that WorkOS gets of one exchange. A second attempt sends the same, so that WorkOS keeps one event."""

    key: str
    """The idempotency key, which WorkOS forgets after 24 hours."""
    organization_id: str
    occurred_at: datetime
    actor_id: str
    actor_type: str
    target_id: str
    target_type: str
    location: str
    """The caller's address."""
    user_agent: str | None
    metadata: Mapping[str, str | float | bool]

    @classmethod
    def from_line(cls, line: Mapping[str, Any], request: Request, now: float) -> Self | None:
        """The event of one exchange; `now` is in seconds since the epoch.

        None if the exchange used no tool, prompt or resource, or if the caller acts in no organisation, where
        nobody could read the event.
        """
        kind = next((each for each in KINDS if each in line), None)
        if kind is None or line["organization_id"] is None:
            return None
        return cls(
            key=str(uuid4()),
            organization_id=line["organization_id"],
            occurred_at=datetime.fromtimestamp(now, UTC),
            actor_id=line["user_id"],
            actor_type=_choose_actor_type(line),
            target_id=line[kind],
            target_type=kind,
            # Behind a load balancer the address comes from a header, which may hold any text.
            location=make_printable(request.client.host if request.client else "", MAX_LOCATION_CHARACTERS)
            or "unknown",
            user_agent=make_printable(request.headers.get("user-agent", ""), MAX_METADATA_CHARACTERS) or None,
            metadata={
                **{name: line[name] for name in _METADATA_FIELDS if name in line},
                **_find_request_id(request),
            },
        )

    def for_workos(self, action: str) -> "AuditLogEvent":
        """The same in the types of WorkOS's SDK."""
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


def _choose_actor_type(line: Mapping[str, Any]) -> str:
    if line["is_machine"]:
        return "application"
    # A user's API key acts as its user; `client_id` in the metadata names the key.
    return "api_key" if line["kind"] == "api_key" and line["user_id"] == line["client_id"] else "user"


def _find_request_id(request: Request) -> dict[str, str]:
    """Lambda's request id, which the record's line has too: by it a reader joins the two."""
    context = request.scope.get("aws.context")
    request_id = getattr(context, "aws_request_id", None)
    return {"request_id": request_id} if isinstance(request_id, str) else {}
