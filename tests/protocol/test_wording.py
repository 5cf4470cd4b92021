"""What a caller is told of an argument that does not fit: which one, what was expected, never what they wrote."""

from typing import Any

import pytest

from tests.packages import Write
from tests.rig import ERAS, Rig

pytestmark = pytest.mark.matrix("version")

TYPED = '''
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID
from pydantic import AfterValidator, AnyUrl, AwareDatetime, BaseModel, ConfigDict, Field, PastDate
from app.authoring import tool

class Colour(Enum):
    red = "red"
    green = "green"

class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int

class Cat(BaseModel):
    kind: Literal["cat"]

class Dog(BaseModel):
    kind: Literal["dog"]

def short(text: str) -> str:
    if len(text) > 3:
        raise ValueError("is longer than three letters")
    assert text != "no", "is no"
    return text

@tool()
async def typed(
    whole: int = 0,
    number: float = 0,
    exact: Decimal = Decimal(0),
    sure: bool = True,
    day: date = date(2026, 1, 1),
    before: PastDate = date(2020, 1, 1),
    moment: datetime | None = None,
    aware: AwareDatetime | None = None,
    hour: time = time(0),
    lasting: timedelta = timedelta(0),
    key: UUID | None = None,
    site: AnyUrl | None = None,
    colour: Colour = Colour.red,
    size: Literal["s", "m"] = "s",
    many: list[int] = [],
    pair: tuple[int, int] = (0, 0),
    unique: set[int] = set(),
    table: dict[str, int] = {},
    inner: Inner | None = None,
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None,
    either: int | date = 0,
    text: Annotated[str, Field(min_length=2, max_length=3, pattern="^a")] = "aa",
    few: Annotated[list[int], Field(max_length=1)] = [],
    own: Annotated[str, AfterValidator(short)] = "",
) -> str:
    """Take every type."""
    return "fits"
'''
EVIL = "<script>"
ROWS: list[tuple[str, Any, str]] = [
    ("whole", EVIL, "whole: should be a whole number"),
    ("whole", 1.5, "whole: should be a whole number"),
    ("whole", None, "whole: should be a whole number"),
    ("whole", "9" * 5000, "whole: should be a whole number"),
    ("number", EVIL, "number: should be a number"),
    ("exact", EVIL, "exact: should be a number"),
    ("sure", EVIL, "sure: should be true or false"),
    ("day", EVIL, "day: should be a date, as YYYY-MM-DD"),
    ("day", "2026-11-23T09:30:00Z", "day: should be a date, as YYYY-MM-DD"),
    ("before", "2999-01-01", "before: should be in the past"),
    ("moment", EVIL, "moment: should be a date and time, such as 2026-11-23T09:30:00Z"),
    ("aware", "2026-11-23T09:30:00", "aware: should be a date and time with its time zone, such as"),
    ("hour", EVIL, "hour: should be a time, such as 09:30:00"),
    ("lasting", EVIL, "lasting: should be a duration, such as PT1H30M"),
    ("key", EVIL, "key: should be a UUID"),
    ("site", EVIL, "site: should be a URL, such as https://example.com"),
    ("colour", EVIL, "colour: should be 'red' or 'green'"),
    ("size", EVIL, "size: should be 's' or 'm'"),
    ("many", EVIL, "many: should be a list"),
    ("many", [1, EVIL], "many.1: should be a whole number"),
    ("pair", 5, "pair: should be a list"),
    ("pair", [5], "pair.1: is required"),
    ("unique", 5, "unique: should be a list"),
    ("table", EVIL, "table: should be an object"),
    ("table", {EVIL: EVIL, "b": "c"}, "table.*: should be a whole number"),
    ("inner", EVIL, "inner: should be an object"),
    ("inner", {EVIL: 1}, "inner.number: is required; inner.*: is not known here"),
    ("pet", {"kind": EVIL}, "pet: should have one of these as its 'kind': 'cat', 'dog'"),
    ("either", EVIL, "either.*: should be a whole number or should be a date, as YYYY-MM-DD"),
    ("text", 5, "text: should be text"),
    ("text", "a", "text: should have at least 2 characters"),
    ("text", EVIL[:3], "text: should match pattern '^a'"),
    ("few", [1, 2], "few: should have at most 1 item after validation, not 2"),
    ("own", "long", "own: is longer than three letters"),
    ("own", "no", "own: is no"),
]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from tests.packages import writer

    made = writer(tmp_path_factory.mktemp("typed"))
    yield Rig(tools=next(made)(typed=TYPED))
    next(made, None)


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(("name", "value", "said"), ROWS, ids=[f"{row[0]} {str(row[1])[:12]}" for row in ROWS])
def test_each_type_says_what_it_expected(name: str, value: Any, said: str, version: str, typed: Rig) -> None:
    result = typed.call("typed", {name: value}, version=version)

    told = result["content"][0]["text"]
    assert result["isError"] is True
    assert told.startswith(f"The arguments do not fit the tool's input schema. {said}")
    assert not {"script", "pydantic", "Input"} & set(told.replace("<", " ").replace(">", " ").split())


def test_what_fits_is_not_complained_of(typed: Rig) -> None:
    fitting = {"whole": 1, "moment": "2026-11-23T09:30:00", "pet": {"kind": "cat"}, "either": "2026-11-23"}

    assert typed.call("typed", fitting)["content"][0]["text"] == "fits"


def test_an_argument_that_is_missing_is_said_to_be_required(write: Write) -> None:
    text = (
        'from app.authoring import tool\n\n@tool()\nasync def one(a: int) -> str:\n    """O."""\n    return "x"\n'
    )

    said = Rig(tools=write(one=text)).call("one", {"b": 5})["content"][0]["text"]

    assert said == "The arguments do not fit the tool's input schema. a: is required"
