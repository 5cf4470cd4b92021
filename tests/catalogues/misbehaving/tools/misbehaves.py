"""Tools that do what the caller says, wherever an author's code runs; and one that is as it should be."""

import asyncio
from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel, BeforeValidator, Field

from app.authoring import CurrentAsk, CurrentSession, check, tool
from tests.catalogues.misbehaving.tools._behaviours import BEHAVIOURS, who


@tool()
async def whoami(session: CurrentSession) -> dict[str, str]:
    """Say who calls."""
    return who(session)


@tool()
async def misbehaves(kind: str, text: str) -> Any:
    """Behave so."""
    return await BEHAVIOURS[kind](text)


@tool()
def misbehaves_in_a_thread(kind: str, text: str) -> Any:
    """Behave so, in a worker thread."""
    return asyncio.run(BEHAVIOURS[kind](text))


class Question(BaseModel):
    sure: bool = Field(description="Sure?")


@tool()
async def misbehaves_while_asking(ask: CurrentAsk, kind: str, text: str) -> Any:
    """Behave so while a question is on its way."""
    try:
        await ask("Sure?", Question)
    finally:
        await BEHAVIOURS[kind](text)


async def asked_first(kind: str, text: str) -> bool:
    await BEHAVIOURS[kind](text)
    return True


@tool(requires=check(asked_first, needs="a check that says yes"))
async def misbehaves_in_a_check(kind: str, text: str) -> str:
    """Behave so before it is decided who may call."""
    return "done"


async def get_value() -> Any:
    return await BEHAVIOURS["raise_panic"]("in a dependency")


@tool()
async def misbehaves_in_a_dependency(value: Annotated[Any, Depends(get_value)]) -> str:
    """Get nothing of what it depends on."""
    return "done"


def validate(value: Any) -> Any:
    raise BEHAVIOURS_OF_VALIDATORS.get(str(value), ValueError)(str(value))


BEHAVIOURS_OF_VALIDATORS: dict[str, type[BaseException]] = {
    "recursion": RecursionError,
    "memory": MemoryError,
    "key": KeyError,
    "exit": SystemExit,
    "generator": GeneratorExit,
}


@tool()
async def misbehaves_in_a_validator(value: Annotated[str, BeforeValidator(validate)]) -> str:
    """Never get its argument."""
    return value
