"""A JSON Schema as one of pydantic's validators, which are compiled: jsonschema takes a hundred times as long.

Keywords that pydantic does not write (`not`, `if`, `propertyNames`, `uniqueItems`) are not checked.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic_core import PydanticCustomError, SchemaError, SchemaValidator

from app.authoring.json_schema import FORMATS, definition_name

Core: TypeAlias = dict[str, Any]
"""One of pydantic's core schemas."""

_ANYTHING: Core = {"type": "any"}
_VALIDATED_ANEW = frozenset(
    {
        *(
            "any",
            "bool",
            "bytes",
            "date",
            "datetime",
            "decimal",
            "float",
            "int",
            "none",
            "str",
            "time",
            "timedelta",
        ),
        *("definition-ref", "definitions", "dict", "frozenset", "list", "nullable", "set", "tuple", "union"),
        *("enum", "literal", "timedelta", "typed-dict", "typed-dict-field", "url", "uuid"),
    }
)
"""Kinds of core schemas whose values pydantic checks each time, also when they are of the right class already."""


def may_hold_unchecked_values(core_schema: Any, wrapper: type | None = None) -> bool:
    """Whether pydantic can write a value of this type that it has not validated.

    It validates no model and no dataclass a second time, and no default, no computed field, and nothing that a
    serializer or a validator of the author's returns. `wrapper` is the model that the server makes around data.
    """
    ahead = [core_schema]
    while ahead:
        part = ahead.pop()
        if isinstance(part, Mapping):  # also one that pydantic has yet to build
            kind, is_wrapper = part.get("type"), wrapper is not None and part.get("cls") is wrapper
            is_known = kind in _VALIDATED_ANEW or kind in ("model-fields", "model-field") or is_wrapper
            if "serialization" in part or (isinstance(kind, str) and not is_known):
                return True
            ahead += [each for key, each in part.items() if key not in ("config", "metadata")]
        elif isinstance(part, list | tuple):
            ahead += part
    return False


def build_validator(schema: Mapping[str, Any]) -> SchemaValidator:
    """The validator of JSON values that fit the schema (2020-12, as pydantic writes it)."""
    definitions = [{**_chain([_core(part)]), "ref": name} for name, part in schema.get("$defs", {}).items()]
    core: Any = _core(schema)
    return SchemaValidator({"type": "definitions", "schema": core, "definitions": definitions})


def _core(schema: Any) -> Core:
    if not isinstance(schema, Mapping):
        return _ANYTHING
    parts = [_core(part) for part in schema.get("allOf", ())]
    if (name := definition_name(schema)) is not None:
        parts.append({"type": "definition-ref", "schema_ref": name})
    parts += [_union(schema[key]) for key in ("anyOf", "oneOf") if key in schema]
    if "const" in schema or "enum" in schema:
        parts.append({"type": "literal", "expected": list(schema.get("enum", [schema.get("const")]))})
    elif "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        typed = [_TYPES[kind](schema) if kind in _TYPES else _ANYTHING for kind in kinds]
        parts.append(typed[0] if len(typed) == 1 else {"type": "union", "choices": typed})
    return parts[0] if len(parts) == 1 else _chain(parts or [_ANYTHING])


def _chain(parts: list[Core]) -> Core:
    return {"type": "chain", "steps": parts}


def _union(members: list[Any]) -> Core:
    choices = [(_core(member), _label(member)) for member in members]
    return {"type": "union", "choices": choices, "mode": "left_to_right"}


def _label(member: Any) -> str:
    """How an error names the member of a union."""
    about = member if isinstance(member, Mapping) else {}
    return str(definition_name(about) or about.get("title") or about.get("type") or "value")


def _limited(kind: str, schema: Mapping[str, Any], limits: Mapping[str, str]) -> Core:
    return {"type": kind, "strict": True, **{own: schema[key] for key, own in limits.items() if key in schema}}


_LENGTH = {"minLength": "min_length", "maxLength": "max_length"}
_SIZE = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
_ITEMS = {"minItems": "min_length", "maxItems": "max_length"}
_MEMBERS = {"minProperties": "min_length", "maxProperties": "max_length"}


def _text(schema: Mapping[str, Any]) -> Core:
    core = _limited("str", schema, _LENGTH)
    patterns = [schema["pattern"]] if "pattern" in schema else []
    format_pattern = FORMATS.get(schema.get("format", ""))
    patterns += [f"^(?:{format_pattern})$"] if format_pattern else []
    return _chain([core, *map(_pattern, patterns)]) if patterns else core


def _pattern(pattern: str) -> Core:
    try:
        SchemaValidator({"type": "str", "pattern": pattern})
    except SchemaError:  # Rust has no lookarounds, which Python has
        check = _require_match(re.compile(pattern))
        return {"type": "function-plain", "function": {"type": "no-info", "function": check}}
    return {"type": "str", "pattern": pattern}


def _require_match(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if pattern.search(value) is None:
            raise PydanticCustomError("string_pattern_mismatch", "should match its pattern")
        return value

    return check


def _list(schema: Mapping[str, Any]) -> Core:
    places = [_core(part) for part in schema.get("prefixItems", ())]
    items, core = _core(schema.get("items", True)), _limited("list", schema, _ITEMS)
    if not places:
        return {**core, "items_schema": items}
    whole: Core = {"type": "tuple", "items_schema": [*places, items], "variadic_item_index": len(places)}
    if schema.get("minItems", 0) < len(places):  # a NamedTuple's defaults, which are format_pattern all the same
        shorter = {"type": "list", "items_schema": _ANYTHING, "max_length": len(places) - 1}
        whole = {"type": "union", "choices": [whole, shorter], "mode": "left_to_right"}
    return _chain([core, whole])


def _object(schema: Mapping[str, Any]) -> Core:
    properties, required = schema.get("properties", {}), schema.get("required", ())
    fields = {
        name: {
            "type": "typed-dict-field",
            "schema": _core(properties.get(name, True)),
            "required": name in required,
        }
        for name in dict.fromkeys((*properties, *required))
    }
    others = schema.get("additionalProperties", True)
    core: Core = {"type": "typed-dict", "fields": fields, "extra_behavior": "allow", "strict": True}
    if "patternProperties" not in schema:
        if others is False:
            core["extra_behavior"] = "forbid"
        elif others is not True:
            core["extras_schema"] = _core(others)
    return _chain([_limited("dict", schema, _MEMBERS), core]) if _MEMBERS.keys() & schema.keys() else core


_TYPES: Mapping[str, Callable[[Mapping[str, Any]], Core]] = {
    "array": _list,
    "boolean": lambda schema: {"type": "bool", "strict": True},
    "integer": lambda schema: _limited("int", schema, _SIZE),
    "null": lambda schema: {"type": "none"},
    "number": lambda schema: _limited("float", schema, _SIZE),
    "object": _object,
    "string": _text,
}
