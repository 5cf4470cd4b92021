"""Arguments of every kind, and results of the same types."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, Json
from typing_extensions import TypedDict

from app.authoring import tool


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Place(BaseModel):
    model_config = ConfigDict(extra="forbid")

    city: Annotated[str, Field(pattern="^[A-Z]", description="Where it is")]
    colour: Colour = Colour.RED


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    notes: dict[str, Any] = {}


class Row(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]

    name: str
    place: Place


@dataclass
class Box:
    places: list[Place]
    __pydantic_config__ = ConfigDict(extra="forbid")


class Point(NamedTuple):
    x: float
    y: float = math.inf


class Cat(BaseModel):
    kind: Literal["cat"]
    place: Place


class Dog(BaseModel):
    kind: Literal["dog"]
    place: Place | None = None


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
Key = Annotated[str, Field(pattern="^[a-z]+$")]


@tool()
async def nothing() -> None:
    """Take nothing."""


@tool()
async def models(
    place: Annotated[Place, Field(description="The first one")],
    row: Row,
    box: Box,
    pets: list[Pet],
    other: Annotated[Place | None, Field(description="Another one")] = None,
    usual: Place = Place(city="Bern", colour=Colour.BLUE),  # noqa: B008 - as authors write it
    extra: Open | None = None,
) -> dict[str, Pet]:
    """Take models."""
    return {}


@tool()
async def lists(
    pair: tuple[int, str],
    same: tuple[int, int],
    none: tuple[()],
    point: Point,
    bare: list,  # type: ignore[type-arg]
    names: set[str],
    some: Sequence[Place] = (),
    several: Iterable[int] = (),
    keyed: dict[Key, tuple[str, Place]] = {},  # noqa: B006 - as authors write it
    anything: dict[str, Any] | None = None,
) -> list[tuple[int, Place]]:
    """Take lists."""
    return []


@tool()
async def scalars(
    when: datetime = datetime(2026, 1, 1),  # noqa: DTZ001 - as authors write it
    day: date = date(2026, 1, 1),
    at: time | None = None,
    lasts: timedelta = timedelta(seconds=1.5),
    price: Annotated[Decimal, Field(ge=0, decimal_places=2)] = Decimal("1.50"),
    most: Annotated[float, Field(ge=0, le=math.inf)] = math.inf,
    key: UUID | None = None,
    raw: bytes = b"\xff",
    numbers: Json[list[int]] = "[1]",  # type: ignore[assignment]
    word: str = None,  # type: ignore[assignment]  # noqa: RUF013
    colour: Colour = Colour.RED,
    choice: Literal["a", "b"] | None = "a",
    either: str | int | list[str] = "",
) -> Decimal:
    """Take scalars."""
    return price
