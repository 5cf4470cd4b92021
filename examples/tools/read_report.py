"""Authorisation for one resource: WorkOS decides about each report (fine-grained authorization)."""

from typing import Annotated

from fastapi import Depends
from pydantic import Field

from app.authoring import ToolError, check, permission, tool
from examples.tools._reports import Report, list_own_reports, may_view


@tool(
    title="Read a report",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=[
        permission("reports:read"),
        check(may_view, needs="report:view on a report of this id", granted_by="Its owner can share it with you."),
    ],
    audit=["report_id"],
)
async def read_report(
    report_id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,50}$", description="Which one, from list_reports")],
    reports: Annotated[tuple[Report, ...], Depends(list_own_reports)],
) -> Report:
    """Read one report of your organisation."""
    for report in reports:
        if report.id == report_id:
            return report
    raise ToolError("Your organisation has no such report.")
