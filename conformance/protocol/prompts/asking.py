"""A prompt that asks its user before it begins (SEP-2322)."""

from pydantic import BaseModel

from app.authoring import CurrentAsk, prompt


class Setting(BaseModel):
    context: str


@prompt(title="Ask first")
async def test_input_required_result_prompt(ask: CurrentAsk) -> str:
    """Ask for a context, then begin with it."""
    setting = await ask("What context should the prompt use?", Setting)
    return f"Work in this context: {setting.context}"
