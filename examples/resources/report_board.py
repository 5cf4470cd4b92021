"""The page of show_reports (MCP Apps): one HTML file that loads nothing from outside."""

from pathlib import Path

from app.authoring import UI, resource

_PAGE = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")


@resource("ui://reports/board", title="Reports", max_age=3600, ui=UI(border=True))
async def report_board() -> str:
    """The page that shows reports; its data comes with the tool's result."""
    return _PAGE
