"""A tool that asks for a scope which tokens do not have by themselves."""

from app.authoring import scope, tool


@tool(requires=scope("reports:publish"))
async def publish(report: str) -> str:
    """Publish a report."""
    return report
