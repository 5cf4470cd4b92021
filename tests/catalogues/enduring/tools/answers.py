"""Tools that end well, each naming its caller."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.authoring import CurrentAsk, CurrentCall, CurrentSession, anyone, tool


class Who(BaseModel):
    user: str
    organization: str | None


class Consent(BaseModel):
    really: bool


@tool(requires=anyone(), read_only=True)
async def who(session: CurrentSession) -> Who:
    """Say who calls."""
    return Who(user=session.user_id, organization=session.organization_id)


@tool(requires=anyone(), audit=["text"])
async def repeats(
    session: CurrentSession, text: str, times: Annotated[int, Field(ge=1, le=10)] = 1
) -> dict[str, str]:
    """Say something a number of times."""
    return {"caller": session.user_id, "said": text * times}


@tool(requires=anyone())
def in_a_thread(number: int, session: CurrentSession) -> str:
    """Double a number elsewhere."""
    return f"{session.user_id} {number * 2}"


@tool(requires=anyone())
async def reports(call: CurrentCall, session: CurrentSession, steps: int = 3) -> str:
    """Say how far it is."""
    for step in range(steps):
        await call.progress(step + 1, steps, session.user_id)
    return session.user_id


@tool(requires=anyone())
async def asks(ask: CurrentAsk, session: CurrentSession, target: str = "") -> str:
    """Ask before it acts."""
    await ask("Really?", Consent)
    return session.user_id
