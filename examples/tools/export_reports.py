"""Authorisation by a feature flag and a permission: for organisations that have the feature."""

from typing import Annotated

from fastapi import Depends

from app.authoring import flag, permission, tool
from examples.tools._reports import Report, list_own_reports


@tool(
    title="Export reports",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=[permission("reports:read"), flag("report-export")],
    discoverable=True,
)
async def export_reports(reports: Annotated[tuple[Report, ...], Depends(list_own_reports)]) -> str:
    """Export all reports of your organisation as one text."""
    return "\n\n".join(f"# {report.title}\n\n{report.text}" for report in reports)
