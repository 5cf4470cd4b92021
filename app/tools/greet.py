from typing import Annotated

from pydantic import BaseModel, Field

from app.authoring import CurrentSession, ToolError, tool


class Greeting(BaseModel):
    text: str
    organization_id: str | None


@tool(title="Greet", read_only=True)
async def greet(
    name: Annotated[str, Field(description="Whom to greet")],
    session: CurrentSession,
) -> Greeting:
    """Greet a person on behalf of the caller's organisation."""
    if not name.strip():
        raise ToolError("There is nobody to greet: name is empty.")
    return Greeting(text=f"Hello {name}", organization_id=session.organization_id)
