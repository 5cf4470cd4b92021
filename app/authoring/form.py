"""Turn a pydantic model into the form that a client shows: flat, with the few kinds of field that MCP allows."""

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
"""Keywords by type (MCP 2026-07-28, client/elicitation). The model checks the answer for everything else."""
_OF_ITEMS = ("type", "title", "description", "enum", "anyOf")
_FORMATS = (None, "email", "uri", "date", "date-time")
_FIELDS = "use str, int, float, bool, date, datetime, a Literal or Enum of texts, or a list of one of these two"

# Weak, because a tool may make a new model for every call, with the choices of that call.
_forms: WeakKeyDictionary[type[Any], dict[str, Any]] = WeakKeyDictionary()


def build_form(model: type[Any]) -> dict[str, Any]:
    """The `requestedSchema` of an elicitation that asks for this model.

    Raises:
        TypeError: a form cannot show the model; the message names its module, the field and the fix.
    """
    if model not in _forms:
        _forms[model] = _make_form(model)
    return _forms[model]


def _make_form(model: type[Any]) -> dict[str, Any]:
    schema = model.model_json_schema() if issubclass(model, BaseModel) else {}
    if schema.get("type") != "object":
        raise TypeError(f"{_name(model)} cannot be a form: ask for a pydantic model with fields")
    definitions = schema.get("$defs", {})
    fields = {name: _resolve(field, definitions) for name, field in schema.get("properties", {}).items()}
    for name, field in fields.items():
        if problem := _find_problem(field):
            raise TypeError(f"{_name(model)}: the field {name} {problem}")
    properties = {name: _reduce(field) for name, field in fields.items()}
    return {"type": "object", "properties": properties, "required": schema.get("required", [])}


def _name(model: type[Any]) -> str:
    return f"{model.__module__}.{model.__qualname__}"


def _resolve(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Replace references, and `T | None` by T: that a field may be left out stands in `required`."""
    plain = dict(field)
    if reference := plain.pop("$ref", None):
        plain = {**definitions[reference.removeprefix("#/$defs/")], **plain}
    choices = [each for each in plain.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) == 1:
        del plain["anyOf"]
        plain = {**_resolve(choices[0], definitions), **plain}
    if "const" in plain:
        plain["enum"] = [plain.pop("const")]
    if "items" in plain:
        plain["items"] = _resolve(plain["items"], definitions)
    if plain.get("default", ...) is None:
        del plain["default"]
    return plain


def _find_problem(field: Mapping[str, Any]) -> str | None:
    kind, form = field.get("type"), field.get("format")
    if form == "password":
        return "is a secret, which no client may see: send the user to a page of yours with ask.visit"
    if kind not in _OF_KIND or form not in _FORMATS or not _has_text_choices(field):
        return f"has a type that no client can show; {_FIELDS}"
    if kind == "array" and not field.get("items", {}).keys() & {"enum", "anyOf"}:
        return f"is a list without choices; {_FIELDS}"
    return None


def _has_text_choices(field: Mapping[str, Any]) -> bool:
    choices = [*field.get("enum", ()), *field.get("items", {}).get("enum", ())]
    return all(isinstance(choice, str) for choice in choices)


def _reduce(field: Mapping[str, Any]) -> dict[str, Any]:
    keywords = (*_OF_ALL, *_OF_KIND[field["type"]])
    # JSON has no infinity. A default that the form itself would refuse is dropped below.
    reduced = {name: field[name] for name in keywords if name in field and is_finite(field[name])}
    if "items" in reduced:
        reduced["items"] = {name: each for name, each in reduced["items"].items() if name in _OF_ITEMS}
    if "default" in reduced and not fits(reduced["default"], reduced, reduced):
        del reduced["default"]
    return reduced
