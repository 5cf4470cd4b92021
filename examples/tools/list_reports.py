"""Authorisation by a permission for people; machine applications of the organisation may call too."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel

from app.authoring import any_of, machine, organization, permission, tool
from examples.tools._reports import Report, list_own_reports


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
async def list_reports(reports: Annotated[tuple[Report, ...], Depends(list_own_reports)]) -> list[Listed]:
    """List the reports of your organisation."""
    return [Listed(id=report.id, title=report.title) for report in reports]
