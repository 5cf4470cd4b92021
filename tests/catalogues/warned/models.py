"""One tool for each kind of schema that the start warns of; a token with its permission lists it."""

from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.authoring import permission, tool


class Branch(BaseModel):
    name: Annotated[str, Field(description="Of this branch")]
    branches: "list[Branch]" = []


class Level(Enum):
    LOW = 1
    HIGH = 2


@tool(requires=permission("warned:recursive"), silence=["recursive"])
async def holds_itself(branch: Annotated[Branch, Field(description="The root")]) -> None:
    """Take a model that holds itself."""


@tool(requires=permission("warned:any"), silence=["any"])
async def takes_anything(value: Annotated[Any, Field(description="Of any type")]) -> None:
    """Take a value of any type."""


@tool(requires=permission("warned:number-choice"), silence=["number-choice"])
async def chooses_a_number(
    count: Annotated[Literal[1, 2, 3], Field(description="How many")], level: Level = Level.LOW
) -> None:
    """Take one of three numbers."""


@tool(
    requires=permission("warned:definitions"),
    silence=["definitions"],
    input_schema={
        "type": "object",
        "properties": {"place": {"$ref": "#/$defs/Place"}},
        "required": ["place"],
        "$defs": {"Place": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}},
    },
)
async def defines_a_place(place: dict[str, str]) -> None:
    """Take a model in a schema of one's own."""
