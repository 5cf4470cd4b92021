"""A tool for every kind of data that pydantic writes in a way of its own: the table says type and values."""

import enum
import ipaddress
import re
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, NotRequired, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    UUID4,
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    NaiveDatetime,
    PlainSerializer,
    PostgresDsn,
    RootModel,
    SecretBytes,
    SecretStr,
    SerializeAsAny,
    Tag,
    WrapSerializer,
    computed_field,
    field_serializer,
    model_serializer,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from app.authoring import BigInt, Result, tool

T = TypeVar("T")
NAIVE = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - what many authors write
AWARE = datetime(2026, 11, 23, 9, 30, 0, 5, tzinfo=ZoneInfo("Europe/Berlin"))
ODD_OFFSET = datetime(1880, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))
ODD_DURATIONS = [timedelta(days=1, seconds=90, microseconds=5), timedelta(-1, 5, 6), timedelta.max, timedelta(0)]
UUID_A = UUID("0a4ad9b6-7d0d-4bd1-8a4f-9d3a4f6f0c11")


class Colour(enum.Enum):
    RED = "red"
    DEEP = Decimal("1.50")


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Right(enum.IntFlag):
    READ = 1
    WRITE = 2


class Moments(BaseModel):
    at: datetime
    of_day: time
    took: timedelta
    day: date
    sure: AwareDatetime


MOMENTS = Moments(at=NAIVE, of_day=time(9, 30), took=ODD_DURATIONS[0], day=date(1, 1, 1), sure=AWARE)


class Renamed(BaseModel):
    row_id: int = Field(validation_alias="row-id", serialization_alias="rowId")
    start_time: datetime = Field(alias="startTime")


class Forbids(BaseModel):
    model_config = ConfigDict(extra="forbid")
    price: Decimal

    @computed_field
    def doubled(self) -> Decimal:
        return self.price * 2


class Allows(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str
    odd: Any = object()


class Extended(Forbids):
    more: int = 1


class Base(BaseModel):
    name: str


class Special(Base):
    at: datetime = NAIVE


class Breaks(Base):
    more: int = 1

    @field_serializer("more")
    def say_more(self, more: int) -> str:
        raise KeyError(more)


class Polymorphic(BaseModel):
    model_config = ConfigDict(extra="forbid", polymorphic_serialization=True)
    name: str


class PolymorphicChild(Polymorphic):
    more: int = 1


class Serializers(BaseModel):
    rows: Json[list[int]]
    hidden: str = Field(default="h", exclude=True)
    sometimes: int = Field(default=0, exclude_if=lambda value: value == 0)
    percent: Annotated[int, PlainSerializer(lambda value: f"{value}%")]
    typed: Annotated[int, PlainSerializer(lambda value: f"{value}%", return_type=str)]
    perhaps: Annotated[Any, PlainSerializer(str, return_type=str, when_used="unless-none")]
    optional: Annotated[int | None, PlainSerializer(str, return_type=str, when_used="json-unless-none")]
    wrapped: Annotated[Base, WrapSerializer(lambda value, handler: [handler(value)])]
    day: date

    @field_serializer("day")
    def say_day(self, day: date) -> str:
        return day.strftime("%d %B")


SERIALIZERS = Serializers.model_validate(
    {"rows": "[1, 2]", "percent": 5, "typed": 5, "perhaps": None, "optional": None}
    | {"wrapped": {"name": "n"}, "day": "2026-11-23"}
)


class WritesText(BaseModel):
    name: str

    @model_serializer
    def write(self) -> str:
        return self.name


class WritesAnything(BaseModel):
    name: str

    @model_serializer(mode="wrap")
    def write(self, handler: Any):  # type: ignore[no-untyped-def] # what many authors write
        return {**handler(self), "more": 1}


class WritesDict(BaseModel):
    name: str

    @model_serializer
    def write(self) -> dict[str, Any]:
        return {"n": self.name}


class Numbers(BaseModel):
    model_config = ConfigDict(ser_json_temporal="milliseconds", ser_json_bytes="base64")
    at: datetime
    took: timedelta
    raw: bytes


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int


class Tree(BaseModel):
    name: str
    at: datetime
    children: "list[Tree]" = []


class Names(RootModel[list[str]]):
    pass


class Shares(RootModel[dict[str, Decimal]]):
    pass


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    at: time


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    took: timedelta


class Left(BaseModel):
    name: str


class Right2(BaseModel):
    name: str
    more: int | None = None


def side_of(value: Any) -> str:
    return "right" if isinstance(value, Right2) else "left"


@dataclass
class Row:
    at: datetime
    tags: list[str] = field(default_factory=list)
    limited: Annotated[int, Field(ge=0)] = 0


@pydantic_dataclass
class CheckedRow:
    row_id: int = Field(serialization_alias="rowId")
    took: timedelta = timedelta(0)


class Keyed(TypedDict):
    at: datetime
    rows: NotRequired[Json[list[int]]]


class Point(NamedTuple):
    x: int
    at: datetime | None = None


class Attributes:
    at: datetime
    name: str = "n"
    _secret: int

    def __init__(self) -> None:
        self.at = NAIVE


UserId = NewType("UserId", int)

KINDS: dict[str, tuple[Any, list[Any]]] = {
    "a_datetime": (datetime, [NAIVE, AWARE, ODD_OFFSET, datetime.min, datetime.max]),  # noqa: DTZ901
    "datetimes": (list[datetime], [[NAIVE, AWARE, ODD_OFFSET], []]),
    "aware": (
        list[AwareDatetime],
        [[AWARE, ODD_OFFSET, datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-5)))]],
    ),
    "naive": (list[NaiveDatetime], [[NAIVE]]),
    "by_name": (dict[str, datetime | time], [{"a": NAIVE, "b": time(1), "c": time(1, tzinfo=UTC)}, {}]),
    "times": (list[time], [[time(9, 30), time(9, 30, 1, 5), time(1, tzinfo=UTC)]]),
    "durations": (list[timedelta], [ODD_DURATIONS]),
    "a_duration": (timedelta, ODD_DURATIONS),
    "moments": (Moments, [MOMENTS]),
    "maybe_moments": (Moments | None, [MOMENTS, None]),
    "many_moments": (dict[str, list[Moments]], [{"a": [MOMENTS]}]),
    "a_day": (date, [date.min, date.max]),
    "decimals": (list[Decimal], [[Decimal("1E+400"), Decimal("0E-10"), Decimal("-0"), Decimal("1.50")]]),
    "limited_decimal": (list[Annotated[Decimal, Field(max_digits=3, ge=0)]], [[Decimal("1E+2"), Decimal("1.5")]]),
    "any_decimal": (list[Annotated[Decimal, Field(allow_inf_nan=True)]], [[Decimal("NaN"), Decimal("-Infinity")]]),
    "uuids": (list[UUID | UUID4], [[UUID_A]]),
    "set_of_both": (set[UUID | str], [{UUID_A, str(UUID_A)}, set()]),
    "some_bytes": (bytes, [b"abc", b"", b"\xff\xfe", "ä".encode()]),
    "limited_bytes": (list[Annotated[bytes, Field(min_length=2, max_length=2)]], [["ä".encode(), b"ab"]]),
    "encoded_bytes": (list[Base64Bytes], [[b"YWJj"]]),
    "enums": (list[Colour | Level], [[Colour.RED, Colour.DEEP, Level.LOW]]),
    "one_enum": (Colour, [Colour.RED, Colour.DEEP]),
    "flags": (list[Right], [[Right.READ, Right.READ | Right.WRITE, Right(0)]]),
    "paths": (list[Path], [[Path("/etc/passwd"), Path("a b")]]),
    "patterns": (list[re.Pattern[str]], [[re.compile("(?P<a>b)")]]),
    "addresses": (
        list[ipaddress.IPv4Address | ipaddress.IPv6Address],
        [[ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"), ipaddress.IPv6Address("fe80::1%eth0")]],
    ),
    "networks": (list[ipaddress.IPv4Network | ipaddress.IPv6Interface], [[ipaddress.ip_network("10.0.0.0/8")]]),
    "urls": (list[AnyUrl], [[AnyUrl('http://example.com/[x]?a=|^{}`"'), AnyUrl("mailto:a b")]]),
    "data_sources": (list[PostgresDsn], [[PostgresDsn("postgresql://a,b/c")]]),
    "a_url": (AnyUrl, [AnyUrl("https://example.com/ü")]),
    "secrets": (list[SecretStr | SecretBytes], [[SecretStr("s"), SecretBytes(b"s")]]),
    "a_secret": (SecretStr, [SecretStr("sk_secret"), SecretStr("")]),
    "sizes": (list[ByteSize], [[ByteSize(10)]]),
    "complexes": (list[complex | Fraction], [[1 + 2j, Fraction(1, 3)]]),
    "int_keys": (dict[int, float], [{1: 2.5, -1: 0.0}]),
    "odd_keys": (dict[Level | date | UUID, int], [{Level.LOW: 1, date(2026, 1, 1): 2, UUID_A: 3}]),
    "enum_keys": (dict[Level, int], [{Level.LOW: 1}]),
    "moment_keys": (dict[datetime, int], [{NAIVE: 1}]),
    "decimal_keys": (dict[Decimal, int], [{Decimal("1E+400"): 1}]),
    "literal_keys": (dict[Literal["a", "b"], int], [{"a": 1}]),
    "mappings": (Mapping[str, timedelta], [{"a": ODD_DURATIONS[1]}]),
    "ordered": (OrderedDict[Level, date], [OrderedDict({Level.LOW: date(2026, 1, 1)})]),
    "counted": (Counter[Level], [Counter([Level.LOW])]),
    "iterables": (Iterable[time], [[time(1)], (each for each in [time(2)])]),
    "sequences": (Sequence[timedelta], [ODD_DURATIONS]),
    "queues": (deque[Decimal], [deque([Decimal("1E+40")])]),
    "frozen": (frozenset[tuple[int, datetime]], [frozenset({(1, NAIVE)})]),
    "pairs": (tuple[int, time, str | None], [(1, time(1), None)]),
    "any_tuple": (tuple[datetime, ...], [(NAIVE,), ()]),
    "multiples": (list[Annotated[float, Field(multiple_of=0.1)]], [[0.3, 0.7]]),
    "literals": (list[Literal["a", 1, True] | None], [["a", 1, True, None]]),
    "whatever": (Any, [NAIVE, None, {"a": object}, [], {1: NAIVE}, b"\xff", object]),
    "anything_in_it": (dict[str, Any], [{"at": NAIVE, "raw": b"\xff", "odd": object}, {}]),
    "nothing": (None, [None]),
    "maybe_text": (str | None, ["text", "", None, '{"a": 1}', "\ud800"]),
    "number": (int, [0, -1, 2**70]),
    "yes": (bool, [True]),
    "user_id": (UserId, [UserId(5)]),
    "big": (list[BigInt], [[2**70, -1, 0]]),
    "big_one": (BigInt, [2**70]),
    "renamed": (
        Renamed,
        [Renamed.model_validate({"row-id": 1, "startTime": NAIVE}), {"row_id": 2, "startTime": NAIVE}],
    ),
    "many_renamed": (list[Renamed], [[Renamed.model_validate({"row-id": 1, "startTime": NAIVE})]]),
    "forbids": (Forbids, [Forbids(price=Decimal("1E+40")), Extended(price=Decimal(1))]),
    "many_forbid": (list[Forbids], [[Extended(price=Decimal(1))]]),
    "allows": (Allows, [Allows.model_validate({"name": "n", "at": NAIVE, "odd": object})]),
    "base": (Base, [Special(name="n"), {"name": "n"}]),
    "broken_subclass": (Base, [Breaks(name="n")]),
    "bare_base": (BaseModel, [Special(name="n")]),
    "as_any": (list[SerializeAsAny[Forbids]], [[Extended(price=Decimal(1)), Forbids(price=Decimal(1))]]),
    "polymorphic": (list[Polymorphic], [[PolymorphicChild(name="n")]]),
    "serializers": (Serializers, [SERIALIZERS]),
    "writes_text": (WritesText, [WritesText(name="n")]),
    "writes_anything": (WritesAnything, [WritesAnything(name="n")]),
    "writes_dict": (WritesDict, [WritesDict(name="n")]),
    "numbers": (Numbers, [Numbers(at=NAIVE, took=ODD_DURATIONS[0], raw=b"\xff")]),
    "page": (Page[Moments], [Page[Moments](items=[MOMENTS], total=1), Page(items=[MOMENTS], total=1)]),
    "tree": (Tree, [Tree(name="a", at=NAIVE, children=[Tree(name="b", at=AWARE)])]),
    "names": (Names, [Names(["a"]), Names([])]),
    "shares": (Shares, [Shares({"a": Decimal("1E+40")})]),
    "tagged": (
        list[Annotated[Cat | Dog, Field(discriminator="kind")]],
        [[Cat(at=time(1)), Dog(took=ODD_DURATIONS[1])]],
    ),
    "tagged_by_function": (
        list[Annotated[Annotated[Left, Tag("left")] | Annotated[Right2, Tag("right")], Discriminator(side_of)]],
        [[Left(name="n"), Right2(name="n")]],
    ),
    "either": (Cat | Dog | str, [Cat(at=time(1)), "text"]),
    "row": (Row, [Row(at=NAIVE), Row(at=NAIVE, tags=["a"])]),
    "rows": (list[Row], [[Row(at=NAIVE)], []]),
    "checked_row": (CheckedRow, [CheckedRow(row_id=1, took=ODD_DURATIONS[1])]),
    "keyed": (Keyed, [{"at": NAIVE}, {"at": NAIVE, "rows": [1, 2]}, {"at": AWARE, "rows": "[1]"}]),
    "many_keyed": (list[Keyed], [[{"at": NAIVE, "rows": [1, 2]}]]),
    "point": (Point, [Point(1), Point(1, NAIVE)]),
    "attributes": (Attributes, [Attributes()]),
    "described": (Annotated[list[datetime], Field(description="When it was")], [[NAIVE]]),
    "with_result": (Result[list[Moments]], [Result([MOMENTS]), Result([])]),
    "json_alone": (list[Json[Any]], [[{"a": 1}], ["[1]"]]),
}


def _offer(name: str, hint: Any, values: list[Any]) -> Any:
    async def give(place: int) -> Any:
        return values[place]

    give.__name__ = give.__qualname__ = name
    give.__doc__ = f"Give one of the values of {name}."
    give.__annotations__["return"] = hint
    return tool()(give)


globals().update({name: _offer(name, hint, values) for name, (hint, values) in KINDS.items()})
