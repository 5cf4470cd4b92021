"""What counts as lost of a schema, for the tests of agents' libraries."""

from typing import Any

import pytest

from tests.e2e.losses import find_dangling_references, find_losses

PLACE = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 9}}, "required": ["city"]}
LISTED = {
    "type": "object",
    "properties": {
        "place": {**PLACE, "description": "Where"},
        "kind": {"type": "string", "const": "a"},
        "either": {"anyOf": [PLACE, {"type": "null"}], "default": None},
        "days": {"type": "array", "items": {"type": "string", "format": "date"}},
        "names": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^a"}},
    },
    "required": ["place", "kind"],
}


def changed(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {**LISTED, "properties": {**LISTED["properties"], name: schema}, **more}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "same",
    [
        LISTED,
        changed("kind", {"type": "STRING", "enum": ["a"]}),
        changed("place", {"$ref": "#/$defs/Place", "description": "Where"}, **{"$defs": {"Place": PLACE}}),
        changed("either", {**PLACE, "nullable": True, "default": None}),
    ],
)
def test_another_way_to_write_it_loses_nothing(same: dict[str, Any]) -> None:
    assert find_losses(LISTED, same) == set()


@pytest.mark.parametrize(
    ("schema", "lost"),
    [
        (changed("place", PLACE), {"description"}),
        (changed("place", {"type": "object", "description": "Where"}), {"fields", "required"}),
        (changed("kind", {"type": "string"}), {"enum"}),
        (changed("kind", {"enum": ["a"], "type": "integer"}), {"types"}),
        (changed("days", {"type": "array", "items": {"type": "string"}}), {"format"}),
        (changed("names", {"type": "object", "additionalProperties": {"type": "string"}}), {"pattern"}),
        ({**LISTED, "required": ["place"]}, {"required"}),
        ({**LISTED, "required": ["place", "kind", "days"]}, {"optional"}),
        ({"type": "object"}, {"fields", "required"}),
    ],
)
def test_what_is_not_there_any_more_is_named(schema: dict[str, Any], lost: set[str]) -> None:
    assert find_losses(LISTED, schema) == lost


def test_a_reference_to_nothing_is_found_and_one_that_leads_round_is_not() -> None:
    tree = {"type": "object", "properties": {"below": {"$ref": "#/$defs/Tree"}}}

    assert find_dangling_references({**tree, "$defs": {"Tree": tree}}) == set()
    assert find_dangling_references(tree) == {"#/$defs/Tree"}
