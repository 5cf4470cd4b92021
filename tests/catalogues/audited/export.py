"""A tool with one argument for the record, and one for nobody."""

from app.auth.access import anyone
from app.tool import tool


@tool(requires=anyone(), audit=("report",))
async def export(report: str, password: str, rows: list[int] | None = None) -> str:
    """Export a report."""
    return report
