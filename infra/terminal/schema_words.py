"""Describe a parameter's JSON Schema in a few words: its type, its default, its limits."""

import json
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_LIMITS = {"minLength": "characters", "maxLength": "characters", "minItems": "items", "maxItems": "items"}
MAX_SHOWN_CHOICES = 8
MAX_SHOWN_DEPTH = 4


def describe_type(schema: object, root: Schema, depth: int = 0) -> str:
    """Name the type: `date`, `integer`, `"red" or "blue"`, `list of Point`, `string or null`.

    It is "any value" for what a server wrote that is not a schema in the form of an object.
    """
    if not isinstance(schema, Mapping):
        return "any value"
    if "$ref" in schema:
        return _describe_reference(schema, root, depth)
    if parts := read_list(schema.get("anyOf") or schema.get("oneOf")):
        return " or ".join(dict.fromkeys(describe_type(each, root, depth) for each in parts))
    if choices := [schema["const"]] if "const" in schema else read_list(schema.get("enum")):
        shown = [json.dumps(each, ensure_ascii=False) for each in choices[:MAX_SHOWN_CHOICES]]
        return " or ".join(shown + ["..."] * (len(choices) > MAX_SHOWN_CHOICES))
    kind = schema.get("type")
    if kind == "array":
        return _describe_list(schema.get("items"), root, depth)
    return (
        " or ".join(map(str, kind)) if isinstance(kind, list) else str(schema.get("format") or kind or "any value")
    )


def read_list(value: object) -> list[Any]:
    """The list, or an empty one if a server wrote something else."""
    return value if isinstance(value, list) else []


def describe_limits(schema: Schema) -> str:
    """Name the limits of a number, a text or a list: `1 to 1000`, `at most 600 characters`."""
    found = [
        _describe_range(schema.get(low), schema.get(high), _LIMITS.get(low, ""))
        for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))
    ]
    return ", ".join(each for each in found if each)


def describe_default(schema: Schema) -> str:
    """` = 5`, or nothing if there is no default."""
    return f" = {json.dumps(schema['default'], ensure_ascii=False)}" if "default" in schema else ""


def _describe_reference(schema: Schema, root: Schema, depth: int) -> str:
    name = str(schema["$ref"]).rpartition("/")[2]
    definitions = root.get("$defs")
    found = definitions.get(name) if isinstance(definitions, Mapping) else None
    # An object goes by its name, since its own parameters would fill the screen.
    if not isinstance(found, Mapping) or found.get("type") == "object" or depth >= MAX_SHOWN_DEPTH:
        return name
    return describe_type(found, root, depth + 1)


def _describe_list(items: object, root: Schema, depth: int) -> str:
    if not isinstance(items, Mapping) or depth >= MAX_SHOWN_DEPTH:
        return "list"
    return f"list of {describe_type(items, root, depth + 1)}"


def _describe_range(low: object, high: object, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    if low is not None and high is not None:
        return f"{low} to {high}{unit}"
    if high is not None:
        return f"at most {high}{unit}"
    return f"at least {low}{unit}" if low is not None else ""
