"""Read JSON Schemas (2020-12): walk the schemas inside one, and check whether a value fits."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_ONE = frozenset(
    [
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPS = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
_LOCAL = "#/$defs/"
# RFC 3339 sections 5.6 and appendix A, as clients that check formats (ajv-formats) read them.
_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)"
# As text, which `re` compiles on first use: most servers have no default of these formats.
FORMATS = {
    "date": _DATE,
    "date-time": f"{_DATE}[Tt ]{_TIME}",
    "duration": r"P(?!$)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?|P\d+W",
    "time": _TIME,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "null": lambda value: value is None,
    "number": _is_number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


def subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Every schema directly inside, with its keyword and, for a property, its name."""
    for key, value in schema.items():
        if key in _ONE:
            yield key, "", value
        elif key in _LISTS and isinstance(value, list):
            yield from ((key, "", part) for part in value)
        elif key in _MAPS and isinstance(value, dict):
            yield from ((key, name, part) for name, part in value.items())


def change_subschemas(schema: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A copy in which `change` has replaced each schema directly inside."""
    changed = dict(schema)
    for key, value in schema.items():
        if isinstance(value, dict) and key in _MAPS:
            changed[key] = {name: change(part) for name, part in value.items()}
        elif isinstance(value, list) and key in _LISTS:
            changed[key] = [change(part) for part in value]
        elif key in _ONE:
            changed[key] = change(value)
    return changed


def field_below(field: str, keyword: str, name: str) -> str:
    """The name of a schema inside that of `field`, as authors write it: filter.tags[]."""
    if keyword == "properties":
        return f"{field}.{name}" if field else name
    if keyword in ("items", "prefixItems", "contains"):
        return f"{field}[]"
    if keyword in ("additionalProperties", "patternProperties", "propertyNames"):
        return f"{field}.*"
    return field


def patterns_in(schema: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every regular expression for values or keys, with the field that it is for."""
    if not isinstance(schema, dict):
        return
    if isinstance(pattern := schema.get("pattern"), str):
        yield field, pattern
    for keyword, name, part in subschemas(schema):
        inside = field_below(field, keyword, name)
        if keyword == "patternProperties":
            yield inside, name
        yield from patterns_in(part, name if keyword == "$defs" else inside)


def definition_name(schema: Any) -> str | None:
    """The name in `{"$ref": "#/$defs/Name"}`; None for any other schema."""
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    if not isinstance(reference, str) or not reference.startswith(_LOCAL):
        return None
    return reference.removeprefix(_LOCAL)


def find_definition(schema: Any, root: Mapping[str, Any]) -> Any:
    """The schema in the root's `$defs` that a reference names; None for any other schema."""
    name = definition_name(schema)
    return None if name is None else root.get("$defs", {}).get(name)


def is_finite(value: Any) -> bool:
    """Whether JSON can hold the value: no infinity and no NaN at any depth."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(is_finite(part) for part in value.values())
    return all(is_finite(part) for part in value) if isinstance(value, list) else True


def fits(value: Any, schema: Any, root: Mapping[str, Any]) -> bool:
    """Whether a JSON value fits a schema. Keywords that pydantic does not write are ignored."""
    if not isinstance(schema, dict):
        return schema is not False
    rules = (_fits_type, _fits_choice, _fits_number, _fits_text, _fits_list, _fits_object)
    if not is_finite(value) or not all(rule(value, schema, root) for rule in rules):
        return False
    target = find_definition(schema, root)
    return target is None or fits(value, target, root)


def _fits_type(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    types = schema.get("type", ())
    names = [types] if isinstance(types, str) else types
    return not names or any(_TYPES[name](value) for name in names if name in _TYPES)


def _fits_choice(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if choices is not None and not any(_is_same(value, choice) for choice in choices):
        return False
    if not all(fits(value, part, root) for part in schema.get("allOf", ())):
        return False
    unions = [schema[key] for key in ("anyOf", "oneOf") if key in schema]
    return all(any(fits(value, part, root) for part in union) for union in unions)


def _is_same(value: Any, other: Any) -> bool:
    # In Python True == 1; in JSON they differ.
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _fits_number(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if not _is_number(value):
        return True
    return (
        value >= schema.get("minimum", value)
        and value <= schema.get("maximum", value)
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
        and (
            "multipleOf" not in schema
            or math.isclose(math.remainder(value, schema["multipleOf"]), 0, abs_tol=1e-9)
        )
    )


def _fits_text(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if not isinstance(value, str):
        return True
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    written = FORMATS.get(schema.get("format", ""))
    if written is not None and not re.fullmatch(written, value):
        return False
    try:
        return "pattern" not in schema or re.search(schema["pattern"], value) is not None
    except re.error:  # an expression of Rust or JavaScript, which Python cannot read
        return True


def _fits_list(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if not isinstance(value, list):
        return True
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return False
    if schema.get("uniqueItems") and any(each in value[:place] for place, each in enumerate(value)):
        return False
    first = schema.get("prefixItems", [])
    rest = [(part, schema.get("items", {})) for part in value[len(first) :]]
    return all(fits(part, each, root) for part, each in [*zip(value, first, strict=False), *rest])


def _fits_object(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if not isinstance(value, dict):
        return True
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    return not set(schema.get("required", ())) - value.keys() and all(
        fits(part, known.get(name, {} if "patternProperties" in schema else others), root)
        for name, part in value.items()
    )
