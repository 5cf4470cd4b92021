"""Two prompts, one of them for some."""

from app.authoring import Message, permission, prompt


@prompt()
async def plan(day: str) -> list[str | Message]:
    """Plan a day."""
    return [f"Plan {day}.", Message("Gladly.", role="assistant")]


@prompt(requires=permission("plans:write"))
async def secret_plan() -> str:
    """Plan in secret."""
    return "Hush."
