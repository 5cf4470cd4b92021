"""Prompts that not everybody may use."""

from typing import Annotated

from app.authoring import Complete, check, permission, prompt, scope


async def secrets(prefix: str) -> list[str]:
    return ["hunter2"]


async def is_even(number: int) -> bool:
    return number % 2 == 0


@prompt(requires=permission("plans:write"))
async def hidden(plan: Annotated[str, Complete(secrets)] = "") -> str:
    """Write a plan."""
    return "the plan"


@prompt(requires=permission("plans:write"), discoverable=True)
async def open_about_it(plan: Annotated[str, Complete(secrets)] = "") -> str:
    """Write a plan."""
    return "the plan"


@prompt(requires=scope("plans:write"))
async def scoped(plan: Annotated[str, Complete(secrets)] = "") -> str:
    """Write a plan."""
    return "the plan"


@prompt(requires=check(is_even, needs="an even number"))
async def checked(number: int) -> str:
    """Write an even plan."""
    return "the plan"
