"""A tool for every way in which a value of the right class breaks the schema of its own tool."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    computed_field,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from app.authoring import Result, tool

Short = Annotated[str, Field(max_length=2)]


class Report(BaseModel):
    name: Short
    rank: Annotated[int, Field(ge=0)] = 0
    kind: Literal["plan", "note"] = "plan"
    code: Annotated[str, Field(pattern=r"^[A-Z]\d$")] = "A1"
    tags: Annotated[list[str], Field(max_length=1)] = []
    marks: Annotated[dict[str, int], Field(max_length=1)] = {}
    pair: tuple[str, Short] = ("a", "b")


class Meeting(BaseModel):
    at: AwareDatetime


class LongDefault(BaseModel):
    name: Short = "abcdef"


class Computed(BaseModel):
    @computed_field  # type: ignore[prop-decorator]
    @property
    def name(self) -> Short:
        return "abcdef"


class Lengthened(BaseModel):
    name: Annotated[Short, AfterValidator(lambda name: name * 3)]


class Serialized(BaseModel):
    name: Annotated[str, PlainSerializer(lambda name: name * 3, return_type=Short)]


class Promised(BaseModel):
    name: Annotated[str, Field(json_schema_extra={"minLength": 3})]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[int, Field(ge=0)]] = Field(init=False)


class Holder(BaseModel):
    report: Report | None = None
    others: dict[str, Report] = {}


class Tree(BaseModel):
    name: Short
    children: list["Tree"] = []


class Names(RootModel[list[Short]]):
    pass


@dataclass
class Row:
    name: Short


@pydantic_dataclass
class CheckedRow:
    name: Short


class Keyed(TypedDict):
    report: Report


class Point(NamedTuple):
    name: Short = "abcdef"


def _mutated(name: str, value: Any) -> Report:
    report = Report(name="ab")
    setattr(report, name, value)
    return report


def _grown() -> Report:
    report = Report(name="ab", tags=["a"], marks={"a": 1})
    report.tags.append("b")
    return report


def _grown_table() -> Report:
    report = Report(name="ab", marks={"a": 1})
    report.marks["b"] = 2
    return report


def _extended() -> Open:
    return Open.model_validate({"rank": 1}).model_copy(update={"rank": -1})


def _lengthen(row: CheckedRow) -> CheckedRow:
    row.name = "abcdef"
    return row


LONG = Report(name="ab").model_copy(update={"name": "abcdef"})

MISFITS: dict[str, tuple[Any, list[Callable[[], Any]]]] = {
    "mutated": (
        Report,
        [
            lambda: _mutated("name", "abcdef"),
            lambda: _mutated("name", None),
            lambda: _mutated("rank", -1),
            lambda: _mutated("kind", "letter"),
            lambda: _mutated("code", "a1"),
            lambda: _mutated("pair", ("a", "abcdef")),
            _grown,
            _grown_table,
        ],
    ),
    "constructed": (
        Report,
        [lambda: Report.model_construct(name="abcdef"), lambda: Report.model_construct(rank=1)],
    ),
    "copied": (Report, [lambda: LONG]),
    "in_list": (list[Report], [lambda: [Report(name="ab"), LONG]]),
    "in_dict": (dict[str, Report], [lambda: {"a": LONG}]),
    "in_tuple": (tuple[Report, int], [lambda: (LONG, 1)]),
    "in_model": (Holder, [lambda: Holder(report=LONG), lambda: Holder(others={"a": LONG})]),
    "in_union": (Report | Meeting | int, [lambda: LONG]),
    "in_typed_dict": (Keyed, [lambda: {"report": LONG}]),
    "in_result": (Result[Report], [lambda: Result(LONG)]),
    "in_tree": (Tree, [lambda: Tree(name="a", children=[Tree.model_construct(name="abcdef", children=[])])]),
    "of_root": (Names, [lambda: Names.model_construct(["abcdef"])]),
    "of_dataclass": (Row, [lambda: Row("abcdef"), lambda: replace(Row("ab"), name="abcdef")]),
    "of_checked_dataclass": (list[CheckedRow], [lambda: [_lengthen(CheckedRow("ab"))]]),
    "without_offset": (Meeting, [lambda: Meeting.model_construct(at=datetime(2026, 11, 23))]),  # noqa: DTZ001
    "long_default": (LongDefault, [LongDefault, dict]),
    "tuple_default": (list[Point], [lambda: [()]]),
    "computed": (Computed, [Computed]),
    "lengthened": (Lengthened, [lambda: Lengthened(name="a")]),
    "serialized": (Serialized, [lambda: Serialized(name="a")]),
    "promised": (Promised, [lambda: Promised(name="a")]),
    "extended": (Open, [_extended]),
}


def _offer(name: str, hint: Any, values: list[Callable[[], Any]]) -> Any:
    async def give(place: int) -> Any:
        return values[place]()

    give.__name__ = give.__qualname__ = name
    give.__doc__ = f"Give one of the values of {name}."
    give.__annotations__["return"] = hint
    return tool()(give)


globals().update({name: _offer(name, hint, values) for name, (hint, values) in MISFITS.items()})
