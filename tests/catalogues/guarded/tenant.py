"""Everything that the caller's organisation has."""

from datetime import UTC, datetime

from app.authoring import CurrentTenant, organization, tool


@tool()
async def all_of_mine(tenant: CurrentTenant) -> list[str]:
    """All of it."""
    found = [(await tenant.organization()).id]
    found += [each.id async for each in tenant.members()]
    found += [each.id async for each in tenant.connections()]
    found += [each.id async for each in tenant.directories()]
    found += [each.id async for each in tenant.directory_users()]
    found += [each.id async for each in tenant.directory_groups()]
    return found


@tool(requires=organization())
async def write_down(tenant: CurrentTenant) -> str:
    """Write to its audit log."""
    from workos.audit_logs.models import (
        AuditLogEvent,
        AuditLogEventActor,
        AuditLogEventContext,
        AuditLogEventTarget,
    )

    event = AuditLogEvent(
        action="document.viewed",
        occurred_at=datetime.now(UTC),
        actor=AuditLogEventActor(id="user_01", type="user"),
        targets=[AuditLogEventTarget(id="doc_1", type="document")],
        context=AuditLogEventContext(location="mcp"),
    )
    await tenant.record(event)
    return tenant.id
