"""A page for a tool's result (MCP Apps). Clients that cannot show pages get text."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel

from app.authoring import Result, permission, tool
from examples.tools._reports import Report, list_own_reports


class OnBoard(BaseModel):
    id: str
    title: str
    words: int


class Board(BaseModel):
    reports: list[OnBoard]


@tool(
    title="Show reports",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=permission("reports:read"),
    ui="ui://reports/board",
)
async def show_reports(reports: Annotated[tuple[Report, ...], Depends(list_own_reports)]) -> Result[Board]:
    """Show the reports of your organisation on a page where each can be read."""
    shown = [OnBoard(id=each.id, title=each.title, words=len(each.text.split())) for each in reports]
    lines = [f"{each.title} ({each.id}), {each.words} words" for each in shown]
    return Result(Board(reports=shown), "\n".join(lines) or "Your organisation has no reports.")
