"""Schemas as clients' converters read them: made of the types' own schemas once, at the start.

Which values are accepted never changes. What does: definitions are written where they are used, boolean schemas
are left out, every array says what its items are, and a default that the schema refuses is not shown.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from app.authoring.json_schema import change_subschemas, definition_name, fits, is_finite, subschemas

MAX_INLINED_CHARACTERS = 32_768
"""Of JSON. A longer one keeps its definitions: models that share models double at each level."""
MAX_ITEMS_CHARACTERS = 2048
"""Of the places of a tuple, which are repeated as its `items`."""
_ABOUT = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"}
)
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


class InputSchemaGenerator(GenerateJsonSchema):
    """`additionalProperties: false` where an author wrote it in json_schema_extra, and not for extra="forbid".

    The server checks extra="forbid" all the same.
    """

    # A default that JSON cannot say is not shown, and nobody has to be warned about it.
    ignored_warning_kinds = frozenset({"skipped-choice", "non-serializable-default"})  # type: ignore[assignment]

    def model_schema(self, schema: Any) -> dict[str, Any]:
        return _without_false(super().model_schema(schema), schema["cls"].model_config)

    def dataclass_schema(self, schema: Any) -> dict[str, Any]:
        config = getattr(schema["cls"], "__pydantic_config__", {})
        return _without_false(super().dataclass_schema(schema), config)

    def typed_dict_schema(self, schema: Any) -> dict[str, Any]:
        config = getattr(schema.get("cls"), "__pydantic_config__", {})
        return _without_false(super().typed_dict_schema(schema), config)


def _without_false(made: dict[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    extra = config.get("json_schema_extra")
    is_asked_for = isinstance(extra, dict) and "additionalProperties" in extra
    if made.get("additionalProperties") is False and not is_asked_for:
        del made["additionalProperties"]
    return made


def simplify(schema: dict[str, Any]) -> dict[str, Any]:
    """The same values, in the form that clients read."""
    inlined = _Definitions(schema).inline()
    simple: dict[str, Any] = _simplify(inlined, inlined)
    return simple


def remove_true(schema: Any) -> Any:
    """A schema of an author's own, without `additionalProperties: true`, which says nothing."""
    if not isinstance(schema, dict):
        return schema
    kept = {name: each for name, each in schema.items() if name != "additionalProperties" or each is not True}
    return change_subschemas(kept, remove_true)


def forbids_others(schema: Any) -> bool:
    """Whether `additionalProperties: false` stands anywhere in it."""
    if not isinstance(schema, dict):
        return False
    return schema.get("additionalProperties") is False or any(
        forbids_others(part) for _, _, part in subschemas(schema)
    )


def _simplify(schema: Any, root: Mapping[str, Any]) -> Any:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if not isinstance(schema, dict):  # a mistake of its author's, which the check of the schema names
        return schema
    kept = {name: value for name, value in schema.items() if not _says_nothing(name, value)}
    boolean = {name: kept.pop(name) for name in _CLOSED if isinstance(kept.get(name), bool)}
    if isinstance(items := kept.get("items"), bool):
        boolean["items"] = kept.pop("items")
    made = change_subschemas(kept, lambda part: _simplify(part, root))
    if "default" in made and not fits(made["default"], schema, root):
        del made["default"]
    if _is_array(made):
        made |= _items(made, is_closed=items is False)
        boolean.pop("items", None)
    return {**made, **boolean}


_CLOSED = ("additionalProperties", "unevaluatedItems", "unevaluatedProperties")


def _says_nothing(name: str, value: Any) -> bool:
    """Keywords that hold for every value, and numbers that JSON cannot say."""
    if name in _CLOSED:
        return value is True
    return name in (*_LIMITS, "default", "examples") and not is_finite(value)


def _is_array(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return kind == "array" or (isinstance(kind, list) and "array" in kind)


def _items(array: Mapping[str, Any], *, is_closed: bool) -> dict[str, Any]:
    """What is to be added so that a reader who knows no `prefixItems` sees what is in it."""
    if "items" in array:
        return {}
    places: list[Any] = array.get("prefixItems", [])
    most = min(len(places), array.get("maxItems", len(places))) if is_closed else array.get("maxItems")
    added = {"maxItems": most} if is_closed else {}
    # Beyond the places anything may stand, unless there is nothing beyond them.
    if not places or most is None or most > len(places) or len(json.dumps(places)) > MAX_ITEMS_CHARACTERS:
        return {**added, "items": {}}
    kinds = [place for at, place in enumerate(places) if place not in places[:at]]
    return {**added, "items": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}}


class _Definitions:
    """The `$defs` of a schema."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self._made: dict[str, Any] = {}
        """Of each that was written where it is used, its schema."""

    def inline(self) -> dict[str, Any]:
        """Without those that need no reference; as it is if it would be too long, or has other references."""
        if not self._by_name or not self._are_plain(self.root) or self._size > MAX_INLINED_CHARACTERS:
            return self.root
        made: dict[str, Any] = self._inlined({**self.root, "$defs": {}})
        del made["$defs"]
        kept = {name: self._inlined(each) for name, each in self._by_name.items() if name in self.recursive}
        return {**made, "$defs": kept} if kept else made

    @cached_property
    def _by_name(self) -> Mapping[str, Any]:
        defined = self.root.get("$defs", {})
        return defined if isinstance(defined, dict) else {}

    @cached_property
    def recursive(self) -> frozenset[str]:
        """The names of those that hold themselves."""
        return frozenset(name for name in self._by_name if name in self._reached(name))

    def _reached(self, name: str) -> set[str]:
        found: set[str] = set()
        ahead = list(self._named_in(self._by_name[name]))
        while ahead:
            if (each := ahead.pop()) not in found:
                found.add(each)
                ahead += self._named_in(self._by_name[each])
        return found

    def _named_in(self, schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            if (name := definition_name(schema)) in self._by_name:
                yield str(name)
            for _, _, part in subschemas(schema):
                yield from self._named_in(part)

    def _are_plain(self, schema: Any) -> bool:
        """Whether every reference is to a definition: another one may lead into what is to be moved."""
        if not isinstance(schema, dict):
            return True
        is_plain = definition_name(schema) in self._by_name if "$ref" in schema else True
        return is_plain and "$id" not in schema and all(self._are_plain(part) for _, _, part in subschemas(schema))

    @cached_property
    def _size(self) -> int:
        sizes: dict[str, int] = {}

        def size(name: str) -> int:
            if name not in sizes:
                sizes[name] = total(self._by_name[name])
            return sizes[name]

        def total(schema: Any) -> int:
            named = [name for name in self._named_in(schema) if name not in self.recursive]
            return len(json.dumps(schema, default=str)) + sum(size(name) for name in named)

        own = {key: value for key, value in self.root.items() if key != "$defs"}
        return total(own) + sum(size(name) for name in self.recursive)

    def _inlined(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        made = change_subschemas(schema, self._inlined)
        made.pop("discriminator", None)  # OpenAPI's: it points to the definitions; `const` tells the models apart
        name = definition_name(schema)
        if name is None or name in self.recursive:
            return made
        if name not in self._made:
            self._made[name] = self._inlined(self._by_name[name])
        return _merge(self._made[name], {key: value for key, value in made.items() if key != "$ref"})


def _merge(target: Any, beside: dict[str, Any]) -> dict[str, Any]:
    """Both hold; what is said about the value beside the reference stands before what the target says."""
    if isinstance(target, dict) and all(key in _ABOUT or key not in target for key in beside):
        return {**target, **beside}
    return {**beside, "allOf": [*beside.get("allOf", []), target]}


def find_recursive_definitions(schema: Mapping[str, Any]) -> frozenset[str]:
    """The names of the definitions that hold themselves."""
    return _Definitions(dict(schema)).recursive
