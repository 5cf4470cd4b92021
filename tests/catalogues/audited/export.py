"""A tool with one argument for the record, and one for nobody."""

from app.authoring import anyone, tool


@tool(requires=anyone(), audit=("report",))
async def export(report: str, password: str, rows: list[int] | None = None) -> str:
    """Export a report."""
    return report
