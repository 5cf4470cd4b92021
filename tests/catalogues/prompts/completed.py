"""A prompt whose arguments are completed in every way there is."""

from enum import Enum
from typing import Annotated, Literal

from pydantic import Field

from app.authoring import Complete, CurrentSession, PromptError, prompt


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


async def many(prefix: str) -> list[str]:
    return [f"{prefix}{number}" for number in range(101)]


def sync(prefix: str) -> tuple[str, ...]:
    return ("a", "b")


async def of_caller(prefix: str, session: CurrentSession) -> list[str]:
    return [session.user_id]


async def of_country(prefix: str, country: str = "none", size: str | None = None) -> list[str]:
    return [country, str(size)]


async def of_number(prefix: str, number: int = 0) -> list[str]:
    return [str(number)]


@prompt()
async def completed_by_number(number: int, item: Annotated[str, Complete(of_number)]) -> str:
    """Fill in a number first."""
    return item


async def told(prefix: str) -> list[str]:
    raise PromptError("Nothing can be suggested today.")


async def untold(prefix: str) -> list[str]:
    raise ValueError("password is hunter2")


async def no_list(prefix: str) -> str:
    return "abc"


async def no_strings(prefix: str) -> list[int]:
    return [1]


@prompt()
async def completed(
    *,
    plain: str = "",
    style: Literal["brief", "Broad", "detailed"] = "brief",
    size: Annotated[Size | None, Field(description="How large")] = None,
    many: Annotated[str, Complete(many)] = "",
    sync: Annotated[str, Complete(sync)] = "",
    caller: Annotated[str, Complete(of_caller)] = "",
    country: str = "",
    city: Annotated[str, Field(description="Where"), Complete(of_country)] | None = None,
    told: Annotated[str, Complete(told)] = "",
    untold: Annotated[str, Complete(untold)] = "",
    no_list: Annotated[str, Complete(no_list)] = "",
    no_strings: Annotated[str, Complete(no_strings)] = "",
    own_style: Annotated[Literal["brief"], Complete(sync)] = "brief",
) -> str:
    """Fill in."""
    return "filled in"
