"""Tools that ask their user, as the suite calls them before 2026-07-28: it waits for a request of the server's
own, for which a stateless server has no way. They ask by their result, and say so to a client that reads none."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.authoring import Ask, CurrentAsk, Model, tool


class Person(BaseModel):
    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: Literal["active", "inactive", "pending"] = "active"
    verified: bool = True


_TITLED = {"oneOf": [{"const": f"value{number}", "title": f"Option {number}"} for number in (1, 2, 3)]}


class Choices(BaseModel):
    untitled: Literal["option1", "option2", "option3"]
    titled: Annotated[str, Field(json_schema_extra=_TITLED)]
    several: list[Literal["option1", "option2", "option3"]]


@tool(title="Elicitation")
async def test_elicitation(message: str, ask: CurrentAsk) -> str:
    """Ask the user for a name and an address."""
    return await _answer(ask, message, Person)


@tool(title="Defaults")
async def test_elicitation_sep1034_defaults(ask: CurrentAsk) -> str:
    """Ask with a default for each kind of value."""
    return await _answer(ask, "Please provide user information", Defaults)


@tool(title="Choices")
async def test_elicitation_sep1330_enums(ask: CurrentAsk) -> str:
    """Ask with choices of each form that is not deprecated."""
    return await _answer(ask, "Please choose", Choices)


async def _answer(ask: Ask, message: str, form: type[Model]) -> str:
    answer = await ask(message, form)
    return f"Elicitation completed: action=accept, content={answer.model_dump_json()}"
