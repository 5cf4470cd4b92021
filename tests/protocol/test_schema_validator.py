"""The fast check of what is written refuses what jsonschema refuses, and nothing that it accepts."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from app.protocol.schemas.schema_validator import build_validator

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
CASES: list[tuple[Any, list[Any], list[Any]]] = [
    ({"type": "string", "minLength": 1, "maxLength": 2}, ["a", "\U0001f600a"], ["", "abc", 1, None]),
    ({"type": "string", "pattern": "^[a-z]"}, ["ab"], ["1", 1]),
    ({"type": "string", "pattern": "a(?=b)"}, ["cab"], ["ac", 1]),
    ({"type": "string", "format": "date"}, ["2026-11-23"], ["2026-11-23x", "23.11.2026"]),
    ({"type": "string", "format": "date-time"}, ["2026-11-23T09:30:00.5Z"], ["2026-11-23T09:30:00"]),
    ({"type": "string", "format": "email"}, ["a@b.c"], [1]),
    ({"type": "integer", "minimum": 0, "exclusiveMaximum": 3}, [0, 2], [-1, 3, "1", True, None]),
    ({"type": "number", "exclusiveMinimum": 0, "maximum": 3}, [1, 0.5, 3], [0, 3.5, "1", True]),
    ({"type": "boolean"}, [True], [1, "true"]),
    ({"type": "null"}, [None], [0, ""]),
    ({"type": ["string", "null"]}, ["a", None], [1]),
    ({"const": "a"}, ["a"], ["b", None]),
    ({"enum": ["a", 1, None], "title": "Choice"}, ["a", 1, None], ["b", 2]),
    ({"type": "array", "items": TEXT, "minItems": 1, "maxItems": 2}, [["a"]], [[], ["a"] * 3, [1], "a"]),
    ({"type": "array"}, [[1, "a"]], [{}]),
    ({"type": "array", "prefixItems": [TEXT, WHOLE], "minItems": 2, "maxItems": 2}, [["a", 1]], [["a"], [1, "a"]]),
    ({"type": "array", "prefixItems": [TEXT], "minItems": 1, "items": WHOLE}, [["a", 1, 2]], [["a", "b"]]),
    ({"type": "array", "prefixItems": [TEXT, WHOLE], "maxItems": 2}, [["a", 1], []], [["a", "b"]]),
    ({"type": "object", "properties": {"a": TEXT}, "required": ["a", "b"]}, [{"a": "", "b": 1}], [{"a": ""}, []]),
    ({"type": "object", "properties": {"a": TEXT}}, [{}, {"b": 1}], [{"a": 1}]),
    ({"type": "object", "additionalProperties": WHOLE}, [{"a": 1}], [{"a": "b"}]),
    ({"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}, [{"a": ""}], [{"b": 1}]),
    ({"type": "object", "patternProperties": {"^a": TEXT}, "additionalProperties": WHOLE}, [{"a": "b"}], [[]]),
    ({"type": "object", "minProperties": 1, "maxProperties": 2}, [{"a": 1}], [{}, {"a": 1, "b": 2, "c": 3}]),
    ({"anyOf": [TEXT, {"type": "array", "items": WHOLE}, {"$ref": "#/$defs/A"}, True]}, ["a", [1], 1.5], []),
    ({"anyOf": [TEXT, {"title": "Whole", **WHOLE}, {}], "maximum": 1}, ["a", 1], []),
    ({"oneOf": [TEXT, WHOLE], "const": 1}, [1], ["a", 2]),
    ({"allOf": [{"$ref": "#/$defs/A"}, {"type": "integer", "maximum": 3}]}, [3], [-1, 4]),
    ({"$ref": "#/$defs/T"}, [{"of": [{"of": []}]}], [{"of": [1]}, {"of": [{"of": 1}]}]),
    ({"$ref": "#/$defs/B"}, [1], [-1]),
    ({"type": "anything"}, [], []),
    ({}, [1, "a", None, [], {}], []),
]
DEFINITIONS = {
    "A": {"type": "integer", "minimum": 0},
    "B": {"$ref": "#/$defs/A"},
    "T": {"type": "object", "properties": {"of": {"type": "array", "items": {"$ref": "#/$defs/T"}}}},
}


def accepts(schema: dict[str, Any], value: Any) -> bool:
    try:
        build_validator(schema).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("schema", "fitting", "others"), CASES, ids=str)
def test_it_accepts_what_fits_and_nothing_else(schema: Any, fitting: list[Any], others: list[Any]) -> None:
    schema = {**schema, "$defs": DEFINITIONS}
    strict = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    assert [accepts(schema, each) for each in fitting] == [True] * len(fitting)
    assert [accepts(schema, each) for each in others] == [False] * len(others)
    if schema.get("type") != "anything":
        assert [strict.is_valid(each) for each in (*fitting, *others)] == [True] * len(fitting) + [False] * len(
            others
        )


def test_a_schema_without_definitions_needs_none() -> None:
    assert accepts({"type": "string", "maxLength": 1}, "a")
    assert not accepts({"type": "string", "maxLength": 1}, "ab")
