"""Authorisation by permission: reports of the organisation, for people who may read them, and for machines."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel

from app.authoring import any_of, machine, organization, permission, tool
from examples.tools._reports import Report, reports_of


class Listed(BaseModel):
    id: str
    title: str


@tool(
    title="Reports",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=[organization(), any_of(machine(), permission("reports:read"))],
)
async def list_reports(reports: Annotated[tuple[Report, ...], Depends(reports_of)]) -> list[Listed]:
    """List the reports of your organisation."""
    return [Listed(id=report.id, title=report.title) for report in reports]
