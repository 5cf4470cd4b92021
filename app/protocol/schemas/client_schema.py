"""Rewrites pydantic's schemas, once at the start, so that clients' converters can read them (docs/schemas.md).

Definitions are written where they are used, boolean schemas are left out, every array has `items`, and a default
that the schema refuses is not shown. The values that a schema accepts stay the same.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from app.authoring.json_schema import change_subschemas, definition_name, fits, is_finite, subschemas

MAX_INLINED_CHARACTERS = 32_768
"""Of a schema without definitions, as JSON. A longer one keeps them: shared models can double it at each level."""
MAX_ITEMS_CHARACTERS = 2048
"""Of the places of a tuple, as JSON. Longer ones are not repeated as its `items`."""
_DESCRIPTIONS = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"}
)
_REWRITTEN = frozenset({"const", "oneOf", "patternProperties"})
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


class InputSchemaGenerator(GenerateJsonSchema):
    """Pydantic's, without what converters cannot read, and the `additionalProperties: false` of extra="forbid".

    The server checks extra="forbid" all the same. What an author wrote in json_schema_extra stays.
    """

    # A default that JSON cannot hold is left out without a warning.
    ignored_warning_kinds = frozenset({"skipped-choice", "non-serializable-default"})  # type: ignore[assignment]

    def model_schema(self, schema: Any) -> dict[str, Any]:
        return _remove_false(super().model_schema(schema), schema["cls"].model_config)

    def dataclass_schema(self, schema: Any) -> dict[str, Any]:
        config = getattr(schema["cls"], "__pydantic_config__", {})
        return _remove_false(super().dataclass_schema(schema), config)

    def typed_dict_schema(self, schema: Any) -> dict[str, Any]:
        config = getattr(schema.get("cls"), "__pydantic_config__", {})
        return _remove_false(super().typed_dict_schema(schema), config)

    def tagged_union_schema(self, schema: Any) -> dict[str, Any]:
        """anyOf: LangChain, Agno, google-genai and others drop oneOf with all that is in it.

        The tag alone decides which model is meant, so a value may fit two of them.
        """
        return {"anyOf": super().tagged_union_schema(schema)["oneOf"]}

    def literal_schema(self, schema: Any) -> dict[str, Any]:
        """A text as enum: Gemini's converters drop const, by which a model tells the members of a union apart."""
        generated = super().literal_schema(schema)
        is_text = isinstance(generated.get("const"), str)
        return {"enum": [generated.pop("const")], **generated} if is_text else generated

    def dict_schema(self, schema: Any) -> dict[str, Any]:
        """additionalProperties for the values: converters drop patternProperties with all that is in it."""
        generated = super().dict_schema(schema)
        if "patternProperties" not in generated:
            return generated
        ((pattern, values),) = generated.pop("patternProperties").items()
        names = {**generated.get("propertyNames", {}), "pattern": pattern}
        return {**generated, "propertyNames": names, **({"additionalProperties": values} if values else {})}


def _remove_false(changed: dict[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    extra = config.get("json_schema_extra")
    is_asked_for = isinstance(extra, dict) and "additionalProperties" in extra
    if changed.get("additionalProperties") is False and not is_asked_for:
        del changed["additionalProperties"]
    return changed


def simplify(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the same values that clients can read."""
    inlined = _Definitions(schema).inline()
    simple: dict[str, Any] = _simplify(inlined, inlined)
    return simple


def remove_true(schema: Any) -> Any:
    """An author's own schema without `additionalProperties: true`, which has no meaning and breaks clients."""
    if not isinstance(schema, dict):
        return schema
    remaining = {name: each for name, each in schema.items() if name != "additionalProperties" or each is not True}
    return change_subschemas(remaining, remove_true)


def needs_own_generator(schema: Any) -> bool:
    """Whether the schema, or one inside it, has what InputSchemaGenerator writes in another way."""
    if not isinstance(schema, dict):
        return False
    return (
        schema.get("additionalProperties") is False
        or not _REWRITTEN.isdisjoint(schema)
        or any(needs_own_generator(part) for _, _, part in subschemas(schema))
    )


def _simplify(schema: Any, root: Mapping[str, Any]) -> Any:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if not isinstance(schema, dict):  # an author's mistake, which the check of the schema reports
        return schema
    remaining = {name: value for name, value in schema.items() if not _is_empty(name, value)}
    boolean = {name: remaining.pop(name) for name in _CLOSED if isinstance(remaining.get(name), bool)}
    if isinstance(items := remaining.get("items"), bool):
        boolean["items"] = remaining.pop("items")
    changed = change_subschemas(remaining, lambda part: _simplify(part, root))
    if "default" in changed and not fits(changed["default"], schema, root):
        del changed["default"]
    if _is_array(changed):
        changed |= _add_items(changed, is_closed=items is False)
        boolean.pop("items", None)
    return {**changed, **boolean}


_CLOSED = ("additionalProperties", "unevaluatedItems", "unevaluatedProperties")


def _is_empty(name: str, value: Any) -> bool:
    """Whether a keyword allows every value, or holds a number that JSON cannot hold."""
    if name in _CLOSED:
        return value is True
    return name in (*_LIMITS, "default", "examples") and not is_finite(value)


def _is_array(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return kind == "array" or (isinstance(kind, list) and "array" in kind)


def _add_items(array: Mapping[str, Any], *, is_closed: bool) -> dict[str, Any]:
    """What to add for a reader that does not know `prefixItems`."""
    if "items" in array:
        return {}
    places: list[Any] = array.get("prefixItems", [])
    max_items = min(len(places), array.get("maxItems", len(places))) if is_closed else array.get("maxItems")
    added = {"maxItems": max_items} if is_closed else {}
    # Items after the places may be anything. The places describe all items only if nothing may follow them.
    describe_all = bool(places) and max_items is not None and max_items <= len(places)
    if not describe_all or len(json.dumps(places)) > MAX_ITEMS_CHARACTERS:
        return {**added, "items": {}}
    kinds = [place for at, place in enumerate(places) if place not in places[:at]]
    return {**added, "items": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}}


class _Definitions:
    """The `$defs` of a schema."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self._inlined_definitions: dict[str, Any] = {}
        """From each definition that is written where it is used to its schema."""

    def inline(self) -> dict[str, Any]:
        """The schema with definitions only where they contain themselves.

        It stays as it is if it would become too long, or has references to something else.
        """
        if not self._by_name or not self._has_plain_references(self.root) or self._size > MAX_INLINED_CHARACTERS:
            return self.root
        changed: dict[str, Any] = self._inlined({**self.root, "$defs": {}})
        del changed["$defs"]
        remaining = {name: self._inlined(each) for name, each in self._by_name.items() if name in self.recursive}
        return {**changed, "$defs": remaining} if remaining else changed

    @cached_property
    def _by_name(self) -> Mapping[str, Any]:
        defined = self.root.get("$defs", {})
        return defined if isinstance(defined, dict) else {}

    @cached_property
    def recursive(self) -> frozenset[str]:
        """The names of definitions that contain themselves."""
        return frozenset(name for name in self._by_name if name in self._find_reachable(name))

    def _find_reachable(self, name: str) -> set[str]:
        found: set[str] = set()
        ahead = list(self._find_references(self._by_name[name]))
        while ahead:
            if (each := ahead.pop()) not in found:
                found.add(each)
                ahead += self._find_references(self._by_name[each])
        return found

    def _find_references(self, schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            if (name := definition_name(schema)) in self._by_name:
                yield str(name)
            for _, _, part in subschemas(schema):
                yield from self._find_references(part)

    def _has_plain_references(self, schema: Any) -> bool:
        """Whether every reference leads to a definition. Another one could lead into a part that is moved."""
        if not isinstance(schema, dict):
            return True
        is_plain = definition_name(schema) in self._by_name if "$ref" in schema else True
        return (
            is_plain
            and "$id" not in schema
            and all(self._has_plain_references(part) for _, _, part in subschemas(schema))
        )

    @cached_property
    def _size(self) -> int:
        sizes: dict[str, int] = {}

        def size(name: str) -> int:
            if name not in sizes:
                sizes[name] = total(self._by_name[name])
            return sizes[name]

        def total(schema: Any) -> int:
            named = [name for name in self._find_references(schema) if name not in self.recursive]
            return len(json.dumps(schema, default=str)) + sum(size(name) for name in named)

        own = {key: value for key, value in self.root.items() if key != "$defs"}
        return total(own) + sum(size(name) for name in self.recursive)

    def _inlined(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        changed = change_subschemas(schema, self._inlined)
        # OpenAPI's keyword, which an author may have written; it names the definitions.
        changed.pop("discriminator", None)
        name = definition_name(schema)
        if name is None or name in self.recursive:
            return changed
        if name not in self._inlined_definitions:
            self._inlined_definitions[name] = self._inlined(self._by_name[name])
        return _merge(
            self._inlined_definitions[name], {key: value for key, value in changed.items() if key != "$ref"}
        )


def _merge(target: Any, beside: dict[str, Any]) -> dict[str, Any]:
    """A schema with the meaning of both. Descriptions beside the reference replace those of its target."""
    if isinstance(target, dict) and all(key in _DESCRIPTIONS or key not in target for key in beside):
        return {**target, **beside}
    return {**beside, "allOf": [*beside.get("allOf", []), target]}


def find_recursive_definitions(schema: Mapping[str, Any]) -> frozenset[str]:
    """The names of the definitions that contain themselves."""
    return _Definitions(dict(schema)).recursive
