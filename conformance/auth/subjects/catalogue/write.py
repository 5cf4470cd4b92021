from app.authoring import scope, tool
from conformance.auth.subjects.subject import TOOL_SCOPE


@tool(requires=scope(TOOL_SCOPE))
async def write() -> str:
    """Do something that needs a scope of its own."""
    return "written"
