"""A model as the form that a client shows: flat, with the few kinds of field that MCP knows there."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from app.authoring.json_schema import fits, is_finite

_OF_ALL = ("type", "title", "description", "default")
_OF_KIND = {
    "string": ("minLength", "maxLength", "format", "enum", "oneOf"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "boolean": (),
    "array": ("minItems", "maxItems", "items"),
}
"""MCP 2026-07-28, client/elicitation. What else a model demands, its answer is held to all the same."""
_OF_ITEMS = ("type", "title", "description", "enum", "anyOf")
_FORMATS = (None, "email", "uri", "date", "date-time")
_FIELDS = "use str, int, float, bool, date, datetime, a Literal or Enum of texts, or a list of one of these two"


_forms: WeakKeyDictionary[type[Any], dict[str, Any]] = WeakKeyDictionary()
"""Each as long as its model: a tool may make a model for every call, of what it has to choose from there."""


def form_of(model: type[Any]) -> dict[str, Any]:
    """The `requestedSchema` that asks for it.

    Raises:
        TypeError: it has more than a form can hold; the message names the file, the field and the fix.
    """
    if model not in _forms:
        _forms[model] = _make_form(model)
    return _forms[model]


def _make_form(model: type[Any]) -> dict[str, Any]:
    schema = model.model_json_schema() if issubclass(model, BaseModel) else {}
    if schema.get("type") != "object":
        raise TypeError(f"{_name(model)} is no form: ask for a pydantic model with fields")
    definitions = schema.get("$defs", {})
    fields = {name: _plain(field, definitions) for name, field in schema.get("properties", {}).items()}
    for name, field in fields.items():
        if problem := _problem(field):
            raise TypeError(f"{_name(model)}: the field {name} {problem}")
    properties = {name: _reduced(field) for name, field in fields.items()}
    return {"type": "object", "properties": properties, "required": schema.get("required", [])}


def _name(model: type[Any]) -> str:
    return f"{model.__module__}.{model.__qualname__}"


def _plain(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Without references; `T | None` as T, for what may be left out is said by `required`."""
    plain = dict(field)
    if reference := plain.pop("$ref", None):
        plain = {**definitions[reference.removeprefix("#/$defs/")], **plain}
    choices = [each for each in plain.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) == 1:
        del plain["anyOf"]
        plain = {**_plain(choices[0], definitions), **plain}
    if "const" in plain:
        plain["enum"] = [plain.pop("const")]
    if "items" in plain:
        plain["items"] = _plain(plain["items"], definitions)
    if plain.get("default", ...) is None:
        del plain["default"]
    return plain


def _problem(field: Mapping[str, Any]) -> str | None:
    kind, form = field.get("type"), field.get("format")
    if form == "password":
        return "is a secret, which no client may see: send the user to a page of yours with ask.visit"
    if kind not in _OF_KIND or form not in _FORMATS or not _is_of_texts(field):
        return f"is none that a client can show; {_FIELDS}"
    if kind == "array" and not field.get("items", {}).keys() & {"enum", "anyOf"}:
        return f"is a list of anything; {_FIELDS}"
    return None


def _is_of_texts(field: Mapping[str, Any]) -> bool:
    choices = [*field.get("enum", ()), *field.get("items", {}).get("enum", ())]
    return all(isinstance(choice, str) for choice in choices)


def _reduced(field: Mapping[str, Any]) -> dict[str, Any]:
    kept = (*_OF_ALL, *_OF_KIND[field["type"]])
    # No infinity, which JSON cannot say, and no default that the form itself would refuse.
    reduced = {name: field[name] for name in kept if name in field and is_finite(field[name])}
    if "items" in reduced:
        reduced["items"] = {name: each for name, each in reduced["items"].items() if name in _OF_ITEMS}
    if "default" in reduced and not fits(reduced["default"], reduced, reduced):
        del reduced["default"]
    return reduced
