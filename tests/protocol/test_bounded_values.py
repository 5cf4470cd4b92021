"""Objects with members of any name, URLs, regular expressions and defaults: a small body of them costs little."""

import json
import re
import tracemalloc
from typing import Annotated, Any

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    PostgresDsn,
    ValidationError,
    create_model,
)
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from app.protocol.schemas.bounded_model import bound_validation
from app.protocol.wire.errors import CallFailed
from app.protocol.wire.message import MAX_VALUES
from tests.hostile.shapes import balanced

MAX_MIB = 60
Small = Annotated[str, Field(max_length=8)]


class Extras(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int | float | bool | None]
    x: int = Field(0, alias="ex")


class NamedExtras(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[Small, int]


class Nested(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, "Nested | int"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    left: "Strict | None" = None
    right: "Strict | None" = None
    x: int = Field(0, alias="ex")
    y: int = Field(0, validation_alias=AliasChoices("why", AliasPath("ys", 0)))
    z: int = Field(0, validation_alias=AliasPath("zs", 0))


class StrictRow(TypedDict, total=False):
    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]
    x: int


@dataclass(config=ConfigDict(extra="forbid"))
class StrictCell:
    x: int = 0


class StrictPoint(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int = 0


class StrictPair(BaseModel):
    model_config = ConfigDict(extra="forbid")
    y: int = 0


class Branch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    of: "list[Branch] | dict[str, Branch] | Branch | None" = None


class Inner(BaseModel):
    a: list[int] = Field(default_factory=list)
    b: dict[str, int] = {}
    c: list[int] = [1, 2]
    d: int = 0


class Outer(BaseModel):
    inner: Inner = Field(default_factory=Inner)
    more: list[Inner] = Field(default_factory=lambda: [Inner() for _ in range(300)])
    copied: Inner = Inner()
    fixed: tuple[int, ...] = (1, 2)
    given: list[Any] = Field(default_factory=lambda others: [*others])


def bounded(hint: Any) -> Any:
    model: Any = create_model("Arguments", it=(hint, ...))
    bound_validation(model)
    return model


def misfit(hint: Any, value: Any) -> ValidationError:
    """What is wrong, found with little memory, which is what errors in their thousands take."""
    model = bounded(hint)
    tracemalloc.start()
    try:
        with pytest.raises(ValidationError) as caught:
            model.model_validate({"it": value})
        assert tracemalloc.get_traced_memory()[1] < MAX_MIB * 1024 * 1024
    finally:
        tracemalloc.stop()
    return caught.value


def refusal(hint: Any, value: Any) -> str:
    with pytest.raises(CallFailed, match="The arguments are more than is read") as caught:
        bounded(hint).model_validate({"it": value})
    return caught.value.error.message


def members(value: Any, how_many: int = MAX_VALUES - 1_000) -> dict[str, Any]:
    return {f"{number:x}": value for number in range(how_many)}


@pytest.mark.parametrize(("hint", "place"), [(Extras, ("it", "0")), (list[Extras], ("it", 0, "0"))])
def test_the_first_misfit_of_members_of_any_name_is_told(hint: Any, place: tuple[Any, ...]) -> None:
    wrong = members("x")

    error = misfit(hint, [wrong] if hint == list[Extras] else wrong)

    assert {each["loc"] for each in error.errors()} == {(*place, kind) for kind in ("int", "float", "bool")}


def test_a_name_that_does_not_fit_is_told() -> None:
    error = misfit(NamedExtras, {"short": 1, "as long as no name may be": 1, "another long name": "x"})

    assert [(each["loc"][:2], each["type"]) for each in error.errors()] == [
        (("it", "as long as no name may be"), "string_too_long")
    ]


def test_members_of_any_name_fit_as_before() -> None:
    found = bounded(Extras).model_validate({"it": {"ex": 5, "a": 1, "b": None}}).it

    assert (found.x, found.model_extra) == (5, {"a": 1, "b": None})
    assert misfit(Extras, 1).errors()[0]["type"] == "model_type"
    assert len(bounded(Extras).model_validate({"it": members(1)}).it.model_extra) == MAX_VALUES - 1_000


def test_objects_of_any_names_inside_one_another_are_read_to_the_depth_of_a_body() -> None:
    value: Any = {"a": 1}
    for _ in range(190):
        value = {"a": value}

    assert bounded(Nested).model_validate({"it": value})
    assert misfit(Nested, 1).errors()
    assert misfit(Nested, value | {"b": "x"}).error_count() < 10


def test_too_many_members_of_objects_inside_one_another_are_refused() -> None:
    assert "objects inside one another have more than 20,000 members of other names" in refusal(
        Nested, members("x")
    )


@pytest.mark.parametrize("hint", [Strict, StrictRow, StrictCell, StrictPoint])
def test_of_unknown_members_the_first_are_told(hint: Any) -> None:
    error = misfit(hint, members(1))

    assert {each["type"] for each in error.errors()} <= {"extra_forbidden", "unexpected_keyword_argument"}
    assert [each["loc"] for each in error.errors()] == [("it", f"{number:x}") for number in range(10)]


@pytest.mark.broad
@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (Strict | StrictRow | StrictCell | StrictPoint | StrictPair, members(1)),
        (Branch, {"of": members(1)}),
        (Branch, {"of": [members(1)]}),
        (Strict, json.loads(balanced(9_000).replace("{}", json.dumps(members(1, 30))))),
    ],
)
def test_unknown_members_in_choices_and_trees_cost_little(hint: Any, value: Any) -> None:
    assert misfit(hint, value).error_count() < 120


@pytest.mark.parametrize("known", ["ex", "why", "ys", "zs", "left"])
def test_a_member_that_is_known_by_another_name_is_kept_among_many_unknown(known: str) -> None:
    value = {**members(1, 100), known: "x" if known in ("ex", "why") else ["x"]}

    places = {each["loc"][1] for each in misfit(Strict, value).errors()}

    assert known in places
    assert len(places) == 11


@pytest.mark.parametrize("hint", [list[Outer], list[Inner]])
def test_small_objects_that_become_large_by_their_defaults_are_refused(hint: Any) -> None:
    objects: list[Any] = [{} for _ in range(1_000 if hint == list[Outer] else 19_000)]

    if hint == list[Outer]:
        assert "defaults of more than 250,000 values together" in refusal(hint, objects)
    else:
        assert len(bounded(hint).model_validate({"it": objects}).it) == 19_000


def test_defaults_are_the_same_and_each_has_its_own() -> None:
    first, second = bounded(list[Outer]).model_validate({"it": [{}, {}]}).it

    assert first == second == Outer()
    assert first.copied is not second.copied
    assert first.inner.b is not second.inner.b
    assert first.inner.c is not second.inner.c


@pytest.mark.parametrize("hint", [re.Pattern, re.Pattern[str]])
def test_regular_expressions_are_compiled_up_to_a_length(hint: Any) -> None:
    assert bounded(hint).model_validate({"it": "a+"}).it == re.compile("a+")
    assert misfit(hint, 1).errors()
    assert misfit(hint, "(").errors()
    assert "more than 500 characters together" in refusal(hint, "(a|b)" * 101)
    assert "more than 500 characters together" in refusal(list[hint], ["(a|b)" * 30] * 4)


CHARACTERS = [chr(0x4E00 + number) for number in range(20_000)]


@pytest.mark.parametrize("before", ["http://", "HTTPS:", "http:/\\", "http://a:b@", " ftp://", "x://"])
def test_a_url_with_a_long_host_is_no_url(before: str) -> None:
    error = misfit(HttpUrl if "x:" not in before else PostgresDsn, before + "".join(CHARACTERS[:254]) + "/a")

    assert [each["msg"] for each in error.errors()] == ["should have a host of at most 253 characters"]


def test_many_hosts_that_are_not_ascii_are_refused() -> None:
    urls = [f"http://{''.join(CHARACTERS[start : start + 50])}" for start in range(7_000)]

    assert "hosts of their URLs have more than 300,000 characters" in refusal(list[HttpUrl], urls)
    assert len(bounded(list[HttpUrl]).model_validate({"it": urls[:5_000]}).it) == 5_000
    wrong = misfit(PostgresDsn, f"postgres://a@{''.join(CHARACTERS[:254])},b@c/x")
    assert wrong.errors()[0]["type"] == "host_too_long"
    assert "more than 300,000 characters" in refusal(PostgresDsn, f"postgres://{'a,' * 100_001}a/x")


@pytest.mark.parametrize(
    "url",
    [
        "https://例え.jp/" + "a" * 2_000,
        "http://a/" + "é" * 300,
        "http://a/%20?q=//" + "é" * 300,
        "https://a.example",
    ],
)
def test_urls_are_read_as_before(url: str) -> None:
    assert bounded(HttpUrl).model_validate({"it": url}).it == HttpUrl(url)
    assert misfit(HttpUrl, 1).errors()
    assert misfit(HttpUrl, "no URL").errors()
    assert bounded(PostgresDsn).model_validate({"it": "postgres://é@a,b:1/x"}).it
