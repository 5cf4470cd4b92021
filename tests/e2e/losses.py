"""What a converter has lost of a tool's input schema, place by place, however it writes the schema."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]
LIMITS = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    }
)
KEYWORDS = frozenset({"default", "description", "enum", "format", "pattern", "prefixItems"})
"""Kept if the same place has them at all; their values are not compared."""


@dataclass
class Place:
    """What a schema says of one place in the arguments, in all of its alternatives."""

    said: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)


def find_losses(listed: Schema, converted: Schema) -> set[str]:
    """Words for what the second schema has not: "fields", "types", "optional", "required", "limits" or a keyword.

    "optional" is a field that may be left out, and is required in the second one.
    """
    places = read_places(converted)
    losses: set[str] = set()
    for path, before in read_places(listed).items():
        if (after := places.get(path)) is None:
            losses.add("fields")
            continue
        losses |= before.said - after.said
        if before.fields - after.fields:
            losses.add("fields")
        if before.required - after.required:
            losses.add("required")
        if (before.fields - before.required) & after.required:
            losses.add("optional")
        if before.types - after.types - {"null"} or (after.types - before.types - {"null"}):
            losses.add("types")
    return losses


def read_places(schema: Schema) -> dict[str, Place]:
    """From each place, such as `.filter.tags[]`, to what is said of it."""
    places: dict[str, Place] = defaultdict(Place)
    for path, part in _walk(schema, schema, "", ()):
        place = places[path]
        place.said |= {_CALLED.get(name, name) for name in part if name in KEYWORDS or name in _CALLED}
        types = part.get("type", ())
        place.types |= {each.lower() for each in ([types] if isinstance(types, str) else types)}
        place.fields |= set(part.get("properties", {}))
        place.required |= set(part.get("required", ()))
    return places


def find_dangling_references(schema: Schema) -> set[str]:
    """References that lead to nothing in the schema."""
    return {part["$ref"] for _, part in _walk(schema, schema, "", ()) if "$ref" in part}


_CALLED = {"const": "enum", **dict.fromkeys(LIMITS, "limits")}
_GEMINI = {
    "additional_properties": "additionalProperties",
    "any_of": "anyOf",
    "defs": "$defs",
    "max_items": "maxItems",
    "max_length": "maxLength",
    "min_items": "minItems",
    "min_length": "minLength",
    "prefix_items": "prefixItems",
    "ref": "$ref",
}
"""What google-genai calls keywords."""


def _walk(part: Any, root: Schema, path: str, inside: tuple[str, ...]) -> Iterator[tuple[str, Schema]]:
    """Each part with its place. References are followed once; one that leads to nothing keeps its `$ref`."""
    if not isinstance(part, Mapping):
        return
    named: dict[str, Any] = {
        str(_GEMINI.get(name, name)): value for name, value in part.items() if value is not None
    }
    reference = named.get("$ref")
    if reference in inside:
        return
    if reference is not None and (target := _find(root, reference)) is not None:
        del named["$ref"]
        yield from _walk(target, root, path, (*inside, reference))
    yield path, named
    for below, each in _parts(named):
        yield from _walk(each, root, path + below, inside)


def _parts(schema: Schema) -> Iterator[tuple[str, Any]]:
    """The schemas directly inside, with what is added to the place."""
    yield from (("", each) for name in ("anyOf", "oneOf", "allOf") for each in schema.get(name, ()))
    yield from ((f".{name}", each) for name, each in schema.get("properties", {}).items())
    yield from (("[]", each) for each in (schema.get("items"), *schema.get("prefixItems", ())))
    values = (schema.get("additionalProperties"), *schema.get("patternProperties", {}).values())
    yield from (("{}", each) for each in values)


def _find(root: Schema, reference: str) -> Any:
    found: Any = root
    for name in reference.removeprefix("#/").split("/"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
