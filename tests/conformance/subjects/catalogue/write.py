from app.auth.access import scope
from app.tool import tool
from tests.conformance.subjects.subject import TOOL_SCOPE


@tool(requires=scope(TOOL_SCOPE))
async def write() -> str:
    """Do something that needs a scope of its own."""
    return "written"
