"""Tools that ask their user before they answer, over several round trips (SEP-2322)."""

from pydantic import BaseModel

from app.authoring import CurrentAsk, CurrentCall, tool


class Confirmation(BaseModel):
    ok: bool


class Name(BaseModel):
    name: str


class Color(BaseModel):
    color: str


@tool(title="Keep a state")
async def test_input_required_result_request_state(ask: CurrentAsk) -> str:
    """Ask for a confirmation, and go on from the state that came back."""
    asked = await ask.keep("asked", _mark)
    await ask("Please confirm", Confirmation)
    return asked


async def _mark() -> str:
    """What the suite looks for once the state is back."""
    return "state-ok"


@tool(title="Ask twice")
async def test_input_required_result_multi_round(ask: CurrentAsk) -> str:
    """Ask for a name, then for a colour, then answer."""
    name = (await ask("Step 1: What is your name?", Name)).name
    color = (await ask("Step 2: What is your favorite color?", Color)).color
    return f"{name} likes {color}."


@tool(title="Refuse a forged state")
async def test_input_required_result_tampered_state(ask: CurrentAsk) -> str:
    """Ask once; a state that was changed on the way never arrives here."""
    await ask("Please confirm", Confirmation)
    return "The state is as it was sent."


@tool(title="Ask while it runs")
async def test_streaming_elicitation(ask: CurrentAsk, call: CurrentCall) -> str:
    """Report progress, then ask: by the result, never by a request of its own."""
    await call.progress(1, 2)
    return f"Hello, {(await ask('What is your name?', Name)).name}!"
