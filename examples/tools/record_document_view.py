"""Audit Logs: record that the caller looked at a document."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from app.authoring import CurrentSession, CurrentTenant, anyone, organization, tool


class Recorded(BaseModel):
    action: str
    document_id: str
    occurred_at: AwareDatetime


@tool(
    title="Record a document view",
    read_only=False,
    destructive=False,
    idempotent=False,
    open_world=False,
    requires=[anyone(), organization()],
    discoverable=True,
    audit=["document_id"],
)
async def record_document_view(
    document_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="Which document was viewed")],
    session: CurrentSession,
    tenant: CurrentTenant,
) -> Recorded:
    """Record in your organisation's audit log that you viewed a document."""
    # The SDK takes most of a second to import: only once it is needed.
    from workos.audit_logs.models import (
        AuditLogEvent,
        AuditLogEventActor,
        AuditLogEventContext,
        AuditLogEventTarget,
    )

    now = datetime.now(UTC)
    event = AuditLogEvent(
        action="document.viewed",
        occurred_at=now,
        actor=AuditLogEventActor(id=session.user_id, type="application" if session.is_machine else "user"),
        targets=[AuditLogEventTarget(id=document_id, type="document")],
        # WorkOS wants to know from where; a client's address is not known behind an MCP client.
        context=AuditLogEventContext(location="mcp", user_agent=session.client_id),
    )
    await tenant.record(event)
    return Recorded(action=event.action, document_id=document_id, occurred_at=now)
