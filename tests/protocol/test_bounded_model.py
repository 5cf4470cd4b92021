"""Arguments that are validated within bounds: the same values fit, and the first misfit of much is told."""

import json
import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from mcp_types import INVALID_PARAMS
from pydantic import AfterValidator, AnyUrl, BaseModel, ConfigDict, Field, Json, ValidationError, create_model
from typing_extensions import TypeAliasType, TypedDict

from app.protocol.schemas.bounded_model import bound_validation
from app.protocol.wire.errors import CallFailed
from tests.catalogues import heavy
from tests.catalogues.heavy.takers import Cell, Expression, Frozen, Node, Pet, Point, Row, Tree, Wide
from tests.hostile.shapes import balanced
from tests.rig import ERAS, MODERN, Rig

RIG = Rig(tools=heavy)
Id = TypeAliasType("Id", Annotated[int, Field(ge=0)])
Checked = Annotated[Id, AfterValidator(lambda number: number)]


class Two(BaseModel):
    left: Point
    right: Point


class Odd(BaseModel):
    """Has fields with names that pydantic's schemas have."""

    type: list[int]
    schema_: dict[str, int] = Field({}, alias="keys_schema")
    items_schema: set[int] = set()


class Unhashable(TypedDict):
    x: int


def models(hint: Any) -> tuple[type[BaseModel], type[BaseModel]]:
    """As pydantic has it, and bounded."""
    usual, bounded = (create_model("Arguments", it=(hint, ...)) for _ in range(2))
    bound_validation(bounded)
    return usual, bounded


def call(tool: str, version: str = MODERN, **arguments: Any) -> str:
    result = RIG.call(tool, arguments, version=version)
    text: str = result["content"][0]["text"]
    assert result["isError"] is (text != "user_01ALICE")
    return text


def colliding(how_many: int) -> list[int]:
    return [5 + number * sys.hash_info.modulus for number in range(how_many)]


VALUES: list[Any] = [
    *(None, True, 1, -1, 0, 1.0, 1.5, "", "1", "a", "cat", "[1]", "[[1]]", '{"a": 1}', "https://a"),
    *([], [1], [1, 1, -1, -2], ["1"], ["a"], [None], [[1], [2]], [{}], [1, "a", 2, "b"]),
    *({}, {"a": 1}, {"a": "x"}, {"1": 2}, {"1": "x", "-1": "y"}, {"x": 1}, {"kind": "cat", "lives": 9}),
    {"x": 1, "y": 2, "label": "a"},
    {"x": 1, "radius": 2.5},
    {"x": 1, "label": "a"},
    [{"x": 1, "y": 2, "label": "a"}, {"x": 1, "label": "a"}, {"x": 1}],
    {"left": {"x": 1, "y": 2, "label": "a"}, "right": {"x": "z"}},
    {"type": [1], "keys_schema": {"a": 1}, "items_schema": [1, 1]},
    {"value": 1, "left": {"value": 2, "children": [{"value": 3}]}, "right": {"value": "x"}},
    {"value": 1, "left": {"value": 2, "children": [{"value": 3}]}},
    {"added": 1, "left": {"multiplied": 2, "left": {"number": 3}}, "of": [{"number": 1}, {"number": "x"}]},
    {"added": 1, "left": {"multiplied": 2, "left": {"number": 3}}, "of": [{"number": 1}]},
    {"items": [{"leaf": 1}, {"first": {"leaf": 1}, "second": {"items": []}}]},
]
HINTS = [
    *(list[int], list[str], Sequence[int], tuple[int, ...], set[int], frozenset[str], deque[int]),
    *(dict[str, int], dict[int, str], Mapping[str, int], OrderedDict[int, int], Counter[str], dict[UUID, int]),
    *(list[list[int]], dict[str, list[int]], list[int | str], int | str | None, list[int] | dict[str, int]),
    *(Point, Two, Odd, Row, Cell, Pet, Tree, Expression, Node, list[Point | Cell], list[Pet], set[Frozen]),
    *(
        Json[list[int]],
        list[Json[Any]],
        set[Any],
        set[Id],
        dict[Id, int],
        dict[Checked, int],
        set[tuple[int, int]],
    ),
    Annotated[set[int], Field(min_length=2, max_length=2)],
    Annotated[set[int], Field(strict=True)],
    Annotated[dict[int, int], Field(max_length=1)],
    Point | Cell | Row | int,
]


@pytest.mark.parametrize("hint", HINTS, ids=[str(number) for number, _ in enumerate(HINTS)])
def test_what_fits_is_the_same_and_so_is_what_it_becomes(hint: Any) -> None:
    usual, bounded = models(hint)
    for value in VALUES:
        try:
            expected = usual.model_validate({"it": value}).it  # type: ignore[attr-defined]
        except ValidationError as error:
            told = problems(bounded, value)
            assert told
            assert told <= {_named(each) for each in error.errors()}  # noqa: PT017 - what pydantic tells of it
        else:
            found = bounded.model_validate({"it": value}).it  # type: ignore[attr-defined]
            assert (found, type(found)) == (expected, type(expected))


def problems(model: type[BaseModel], value: Any) -> set[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"it": value})
    return {_named(each) for each in caught.value.errors()}


def _named(problem: Any) -> tuple[Any, ...]:
    # The members of a choice have other names, which no caller is told.
    place = [each for each in problem["loc"] if not str(each)[:1].isupper() and "[" not in str(each)]
    return (*place, _kind(problem))


def _kind(problem: Any) -> str:
    kind: str = problem["type"]
    # A set is read as a list first.
    return "list_type" if kind in ("set_type", "frozen_set_type") else kind


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("tool", "argument", "value", "text"),
    [
        ("lists", "texts", ["a", 1, 2], "texts.1: should be text"),
        ("lists", "points", [{"x": 1, "y": 2, "label": ""}, {"x": "a"}], "points.1.x: should be a whole number"),
        ("lists", "grid", [[1], [2, "a"], ["b"]], "grid.1.1: should be a whole number"),
        ("lists", "unique", [1, "a", "b"], "unique.1: should be a whole number"),
        ("lists", "row", [1, None], "row.1: should be a whole number"),
        ("lists", "pets", [{"kind": "cow"}], "should have one of these as its 'kind': 'cat', 'dog'"),
        ("lists", "shapes", [{"x": 1}], "label: is required"),
        ("tables", "numbers", {"a": 1, "b": "x", "c": "y"}, "numbers.*: should be a whole number"),
        ("tables", "points", {"a": {}, "b": {}}, "points.*.y: is required"),
        ("tables", "by_number", {"?": ""}, "by_number.*.*: should be a whole number"),
        ("trees", "tree", {"value": 1, "left": {"left": {}}}, "tree.left.value: is required"),
        ("trees", "texts", ["[1]", '["a"]'], "texts.1.0: should be a whole number"),
    ],
)
def test_the_first_misfit_is_told_with_its_place(
    tool: str, argument: str, value: Any, text: str, version: str
) -> None:
    assert text in call(tool, version, **{argument: value})


def test_many_problems_are_told_to_the_tenth() -> None:
    text = call("trees", wide={"left": {}, "right": {}})

    assert text.count("is required") == 10
    assert text.endswith("; and 14 more; compare with what the list says of trees.")


def test_of_thousands_of_problems_the_number_is_told() -> None:
    text = call("tables", checked=["x"] * 2000)

    assert text.endswith("There are 2000 problems; compare with what the list says of tables.")


def test_of_thousands_of_unknown_members_it_is_told_that_they_are_not_known() -> None:
    text = call("tables", exact={str(number): 1 for number in range(2000)})

    assert text.endswith("exact.*: is not known here")


def test_of_a_large_tree_the_first_problems_are_told() -> None:
    text = call("trees", wide=json.loads(balanced(1000)))

    assert text.endswith("wide.left.left.left.left.left.left.left.left.left.a: is required")


def test_an_authors_own_problem_keeps_its_words_in_a_large_tree() -> None:
    def refuse(number: int) -> int:
        raise ValueError(f"{number} is too odd")

    class Branch(BaseModel):
        left: "Branch | None" = None
        right: "Branch | None" = None
        number: Annotated[int, AfterValidator(refuse)] = Field(1, validate_default=True)

    _, bounded = models(Branch)
    with pytest.raises(ValidationError) as caught:
        bounded.model_validate({"it": json.loads(balanced(2000))})

    assert {each["msg"] for each in caught.value.errors()} == {"Value error, 1 is too odd"}
    assert caught.value.error_count() < 200


def test_a_choice_with_an_unknown_kind_in_a_large_tree_is_still_told() -> None:
    class Family(BaseModel):
        pet: Pet
        left: "Family | None" = None
        right: "Family | None" = None

    _, bounded = models(Family)
    tree = json.loads(balanced(2000).replace('{"left"', '{"pet":{"kind":"cow"},"left"'))
    with pytest.raises(ValidationError) as caught:
        bounded.model_validate({"it": tree})

    assert any(each["type"] == "union_tag_invalid" for each in caught.value.errors())


def test_a_problem_of_an_authors_own_type_is_told_in_a_large_tree() -> None:
    from pydantic_core import PydanticCustomError

    def refuse(number: int) -> int:
        raise PydanticCustomError("odd", "too odd")

    class Branch(BaseModel):
        left: "Branch | None" = None
        right: "Branch | None" = None
        number: Annotated[int, AfterValidator(refuse)] = Field(1, validate_default=True)

    _, bounded = models(Branch)
    with pytest.raises(ValidationError) as caught:
        bounded.model_validate({"it": json.loads(balanced(2000))})

    assert {(each["type"], each["msg"]) for each in caught.value.errors()} == {("odd", "too odd")}


@pytest.mark.parametrize("end", [{}, {"number": 1}])
def test_a_choice_at_each_of_many_levels_is_given_up(end: Any) -> None:
    value: Any = end
    for _ in range(40):
        value = {"left": value}

    assert "takes too long for so many values, or for so many levels" in call("trees", expression=value)


def test_a_choice_at_each_of_a_few_levels_is_decided() -> None:
    value: Any = {"number": 1}
    for _ in range(6):
        value = {"added": 1, "left": value}

    assert call("trees", expression=value) == "user_01ALICE"
    assert "is required" in call("trees", expression={**value, "left": {"left": {}}})


def test_a_wide_choice_of_a_few_levels_says_that_none_fits() -> None:
    value: Any = {"left": {"of": [{"left": {"of": [{"left": {"of": [{}]}}]}}]}}

    assert "should be one of the types that are possible here" in call("trees", expression=value)


@pytest.mark.matrix
@pytest.mark.parametrize(
    "hint", [list[Point | Cell], list[Point | Row | Cell], dict[str, Point | Cell], list[Tree], list[Node]]
)
def test_as_many_objects_as_are_read_are_validated(hint: Any) -> None:
    whole: Any = {"x": 1, "y": 2, "label": "", "value": 1, "leaf": 1}
    values = {str(number): {**whole} for number in range(19_000)}
    _, bounded = models(hint)

    found = bounded.model_validate({"it": values if hint == dict[str, Point | Cell] else list(values.values())})

    assert len(found.it) == 19_000  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (set[int], colliding(100)),
        (frozenset[int], colliding(100)),
        (set[Any], colliding(100)),
        (set[Id], colliding(100)),
        (set[Decimal], [str(number) for number in colliding(100)]),
        (set[UUID], [str(UUID(int=number)) for number in colliding(100)]),
        (set[Frozen], [{"x": number} for number in colliding(100)]),
        (set[tuple[int, int]], [[number, 1] for number in colliding(100)]),
        (list[set[int]], [[1], colliding(100)]),
        (dict[int, str], {str(number): "" for number in colliding(100)}),
        (dict[Id, str], {str(number): "" for number in colliding(100)}),
        (dict[Checked, str], {str(number): "" for number in colliding(100)}),
        (dict[UUID, int], {str(UUID(int=number)): 1 for number in colliding(100)}),
        (Counter[int], {str(number): 1 for number in colliding(100)}),
    ],
)
def test_what_was_made_up_to_have_one_hash_is_refused(hint: Any, value: Any) -> None:
    _, bounded = models(hint)

    with pytest.raises(CallFailed, match="slow to tell apart") as caught:
        bounded.model_validate({"it": value})

    assert caught.value.error.code == INVALID_PARAMS


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (set[int], [*colliding(8), *range(50_000), *[-1, -2] * 1000]),
        (set[UUID], [str(UUID(int=number)) for number in range(20_000)]),
        (set[str], [str(number) for number in colliding(20_000)]),
        (set[AnyUrl], [f"https://a/{number}" for number in range(1000)]),
        (dict[int, str], {str(number): "" for number in range(20_000)}),
    ],
)
def test_large_sets_are_read(hint: Any, value: Any) -> None:
    usual, bounded = models(hint)

    assert bounded.model_validate({"it": value}).it == usual.model_validate({"it": value}).it  # type: ignore[attr-defined]


def test_what_cannot_be_in_a_set_is_told() -> None:
    _, bounded = models(set[Any])

    with pytest.raises(ValidationError, match="hashable"):
        bounded.model_validate({"it": [1, []]})


@pytest.mark.parametrize("version", ERAS)
def test_json_in_the_texts_of_arguments_counts_as_json(version: str) -> None:
    half = json.dumps([1] * 80_000)

    assert call("lists", version, numbers=half) == "user_01ALICE"
    assert "in the JSON of their texts, there are more than 150,000 values" in call(
        "lists", version, numbers=half, texts=half
    )
    assert "20,000 lists and objects" in call("lists", version, points=json.dumps([{}] * 30_000))
    assert "grid: should be a list" in call("lists", version, grid="[" * 300 + "]" * 300)
    assert call("scalars", version, text=half * 5) == "user_01ALICE"


def test_json_in_a_field_of_its_own_type_counts_as_json() -> None:
    half = json.dumps([1] * 80_000)

    assert call("trees", texts=[half]) == "user_01ALICE"
    assert "more than 150,000 values" in call("trees", texts=[half, half])
    assert "texts.0: " in call("trees", texts=[1])
    assert "texts.0: lists and objects are nested deeper than 200 levels" in call("trees", texts=["[" * 300])


def test_a_model_that_nobody_has_used_yet_is_bounded_too() -> None:
    class Later(BaseModel):
        model_config = ConfigDict(defer_build=True)
        it: list[int]

    bound_validation(Later)

    assert problems(Later, ["a", "b"]) == {("it", 0, "int_parsing")}


def test_a_models_own_validation_stays_as_it_is() -> None:
    models(list[Point])

    with pytest.raises(ValidationError) as caught:
        Two.model_validate({"left": {}, "right": {}})
    assert caught.value.error_count() == 6


def test_a_wide_tree_costs_one_problem_for_each_of_its_first_branches() -> None:
    _, bounded = models(Wide)

    with pytest.raises(ValidationError) as caught:
        bounded.model_validate({"it": json.loads(balanced(5000))})

    assert caught.value.error_count() < 500
