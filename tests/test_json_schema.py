"""Whether a value fits a schema: never what a validator refuses, for the keywords that pydantic writes."""

import math
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.authoring.json_schema import fits

VALUES: list[Any] = [
    None, True, False, 0, 1, 1.0, 2.5, 6, -1, "", "a", "abc", "2026-01-01",
    [], [1], ["a"], [1, "a"], [1, 1], {}, {"a": 1}, {"a": "x"}, {"b": 1}, {"a": 1, "b": "x"},
]  # fmt: skip
SCHEMAS: list[Any] = [
    True,
    False,
    {},
    *({"type": kind} for kind in ("array", "boolean", "integer", "null", "number", "object", "string")),
    {"type": ["integer", "null"]},
    {"enum": [1, "a", None]},
    {"const": True},
    {"const": 1},
    {"anyOf": [{"type": "string"}, {"type": "null"}]},
    {"oneOf": [{"type": "array"}, {"type": "boolean"}]},
    {"allOf": [{"type": "number"}, {"minimum": 1}]},
    {"minimum": 1, "maximum": 2.5},
    {"exclusiveMinimum": 1},
    {"exclusiveMaximum": 1},
    {"multipleOf": 3},
    {"multipleOf": 0.5},
    {"minLength": 1, "maxLength": 2},
    {"pattern": "^a"},
    {"minItems": 1, "maxItems": 1},
    {"uniqueItems": True},
    {"items": {"type": "integer"}},
    {"items": {"type": "string"}, "prefixItems": [{"type": "integer"}]},
    {"required": ["a"]},
    {"properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
    {"$ref": "#/$defs/A", "$defs": {"A": {"type": "integer"}}},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=repr)
def test_it_fits_where_a_validator_says_so(schema: Any) -> None:
    root, validator = schema if isinstance(schema, dict) else {}, Draft202012Validator(schema)

    for value in VALUES:
        assert fits(value, schema, root) == validator.is_valid(value), value


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, [math.inf], {"a": [math.nan]}])
def test_what_json_cannot_say_fits_nothing(value: Any) -> None:
    assert not fits(value, {}, {})


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("date-time", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00"),
        ("date-time", "2026-01-01T00:00:00.5+01:00", "2026-13-01T00:00:00Z"),
        ("date", "2026-01-01", "2026-1-1"),
        ("time", "09:30:00Z", "09:30:00"),
        ("duration", "P1DT1M", "P1DT1.5S"),
        ("duration", "P2W", "-P1D"),
    ],
)
def test_formats_are_those_of_rfc_3339(form: str, good: str, bad: str) -> None:
    assert [fits(value, {"format": form}, {}) for value in (good, bad)] == [True, False]


@pytest.mark.parametrize("schema", [{"pattern": r"\p{L}"}, {"format": "email"}, {"$ref": "#/elsewhere"}])
def test_what_is_not_looked_into_accepts(schema: Any) -> None:
    assert fits("1", schema, {})


def test_keys_with_patterns_are_not_taken_for_other_keys() -> None:
    assert fits({"a": 1}, {"patternProperties": {"^a": {}}, "additionalProperties": False}, {})
