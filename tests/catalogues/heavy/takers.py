"""Tools that take much: of each kind of type that holds others, one argument."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, AnyUrl, BaseModel, ConfigDict, Field, Json, TypeAdapter
from typing_extensions import TypedDict

from app.authoring import CurrentSession, role, tool


class Point(BaseModel):
    x: int
    y: int
    label: str


class Circle(BaseModel):
    x: int
    radius: float


class Defaults(BaseModel):
    """Valid as `{}`, and then as large as it gets."""

    a: int = 0
    b: str = ""
    c: list[int] = []
    d: dict[str, int] = Field(default_factory=dict)
    e: float = 0.0
    f: bool = False
    g: str | None = None
    h: int | None = None


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)
    x: int


class Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int = 0


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    x: int = 0


class Extras(BaseModel):
    """Takes members of any name, of a few types."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int | float | bool | None]


class ExactPair(BaseModel):
    model_config = ConfigDict(extra="forbid")
    y: int = 0


class ExactTree(BaseModel):
    model_config = ConfigDict(extra="forbid")
    of: "list[ExactTree] | dict[str, ExactTree] | ExactTree | None" = None


class Large(BaseModel):
    """Holds much where nothing is said."""

    lists: list[Any] = Field(default_factory=lambda: [[] for _ in range(500)])


class Row(TypedDict):
    x: int
    label: str


class ExactRow(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]
    x: int


@dataclass
class Cell:
    x: int
    label: str


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    age: int


Pet: TypeAlias = Annotated[Cat | Dog, Field(discriminator="kind")]


class Tree(BaseModel):
    value: int
    left: "Tree | None" = None
    right: "Tree | None" = None
    children: list["Tree"] = []


class Add(BaseModel):
    of: "list[Expression]" = []
    left: "Expression | None" = None
    added: int


class Times(BaseModel):
    of: "list[Expression]" = []
    left: "Expression | None" = None
    multiplied: int


class Number(BaseModel):
    number: int


Expression: TypeAlias = Add | Times | Number


class Grids(BaseModel):
    grid: list[list[int]]
    below: "Grids | Grids2 | Grids3 | None" = None
    a: int


class Grids2(BaseModel):
    grid: list[list[int]]
    below: "Grids | Grids2 | Grids3 | None" = None
    b: int


class Grids3(BaseModel):
    grid: list[list[int]]
    below: "Grids | Grids2 | Grids3 | None" = None
    c: int


class Items(BaseModel):
    items: "list[Node]"


class Entries(BaseModel):
    first: "Node"
    second: "Node | None" = None


class Leaf(BaseModel):
    leaf: int


Node: TypeAlias = Items | Entries | Leaf


class Wide(BaseModel):
    """A tree of objects that have much to miss."""

    left: "Wide | None" = None
    right: "Wide | None" = None
    a: int
    b: int
    c: int
    d: int
    e: int
    f: int
    g: int
    h: int


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@tool()
async def lists(
    session: CurrentSession,
    *,
    texts: list[str] | None = None,
    numbers: list[int] | None = None,
    floats: list[float] | None = None,
    grid: list[list[int]] | None = None,
    points: list[Point] | None = None,
    shapes: list[Point | Circle | Cell] | None = None,
    scalars: list[int | float | bool | UUID] | None = None,
    pets: list[Pet] | None = None,
    rows: list[Row] | None = None,
    cells: list[Cell] | None = None,
    several: Sequence[int] | None = None,
    row: tuple[int, ...] | None = None,
    pairs: list[tuple[int, int]] | None = None,
    unique: set[int] | None = None,
    frozen: frozenset[str] | None = None,
    unique_ids: set[UUID] | None = None,
    distinct: set[Frozen] | None = None,
    sizes: list[Size] | None = None,
    choices: list[Literal["a", "b"]] | None = None,
    days: list[datetime] | None = None,
    urls: list[AnyUrl] | None = None,
    ids: list[UUID] | None = None,
    sums: list[Decimal] | None = None,
    defaults: list[Defaults] | None = None,
    either: list[int] | list[Point] | dict[str, int] | None = None,
) -> str:
    """Take a list of one kind."""
    return session.user_id


@tool()
async def tables(
    session: CurrentSession,
    *,
    numbers: dict[str, int] | None = None,
    points: dict[str, Point] | None = None,
    lists: dict[str, list[int]] | None = None,
    shapes: dict[str, Point | Circle] | None = None,
    by_number: dict[int, str] | None = None,
    mapping: Mapping[str, int] | None = None,
    exact: Exact | None = None,
    exact_row: ExactRow | None = None,
    open_one: Open | None = None,
    extras: Extras | None = None,
    exact_choice: Exact | ExactPair | ExactRow | None = None,
    exact_tree: ExactTree | None = None,
    large: list[Large] | None = None,
    checked: Annotated[list[Any], AfterValidator(TypeAdapter(list[int]).validate_python)] | None = None,
    anything: Any = None,
) -> str:
    """Take an object of one kind."""
    return session.user_id


@tool()
async def trees(
    session: CurrentSession,
    *,
    tree: Tree | None = None,
    expression: Expression | None = None,
    node: Node | None = None,
    wide: Wide | None = None,
    bins: dict[str, Expression] | None = None,
    grids: "Grids | Grids2 | Grids3 | None" = None,
    text: Json[list[Point]] | None = None,
    texts: list[Json[list[int]]] | None = None,
) -> str:
    """Take a tree, or JSON inside a text."""
    return session.user_id


@tool()
async def scalars(
    session: CurrentSession,
    *,
    whole: int = 0,
    number: float = 0,
    text: str = "",
    exact: Decimal = Decimal(0),
    flag: bool = False,
    limited: Annotated[Decimal, Field(max_digits=10, decimal_places=2)] = Decimal(0),
    day: datetime | None = None,
    url: AnyUrl | None = None,
    expression: re.Pattern[str] | None = None,
    pattern: Annotated[str, Field(pattern=r"^(a+)+$")] = "a",
    binary: bytes = b"",
) -> str:
    """Take one value of one kind."""
    return session.user_id


@tool(requires=role("admin"))
async def hidden(texts: list[str]) -> str:
    """Hidden from the tests' callers."""
    return "done"
