"""A call's arguments: by which names callers give them, and which texts are JSON."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

from mcp.server.mcpserver.resolve import find_resolved_parameters
from mcp.server.mcpserver.utilities.context_injection import find_context_parameter
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from app.authoring.json_schema import find_definition
from app.protocol.catalogue.definition import find_wire_name
from app.protocol.schemas.bounded_model import count_json
from app.protocol.wire.bounds import JsonAllowance

_PREFIX = "argument_"


def rename_parameters(function: Callable[..., Any]) -> None:
    """Have the SDK make a model of the parameters in which each has its place; their types are read already.

    A parameter that is named like an attribute of pydantic's models would be taken for it or vanish, one that
    begins with an underscore be refused, and one that has an alias be passed by that.
    """
    signature = inspect.signature(function)
    wires = {name: find_wire_name(each, {name: each.annotation}) for name, each in signature.parameters.items()}
    if not any(_is_reserved(name) or wire != name for name, wire in wires.items()):
        return
    own = {find_context_parameter(function), *find_resolved_parameters(function)}
    parameters = [
        each if name in own else _named(each, wires[name]) for name, each in signature.parameters.items()
    ]
    # By name alone, as the SDK passes them: a default may then stand before a parameter without one.
    function.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[each.replace(kind=each.KEYWORD_ONLY) for each in parameters]
    )


def _is_reserved(name: str) -> bool:
    return hasattr(ArgModelBase, name) or name.startswith(("_", "model_", _PREFIX))


def _named(parameter: inspect.Parameter, wire: Any) -> inspect.Parameter:
    name, hint, default = parameter.name, parameter.annotation, parameter.default
    if isinstance(default, FieldInfo):
        hint, default = Annotated[hint, default], parameter.empty
    # The SDK passes each by its `alias`, callers give it by its `validation_alias`.
    return parameter.replace(
        name=_PREFIX + name if _is_reserved(name) else name,
        annotation=Annotated[hint, Field(alias=name, validation_alias=wire)],
        default=default,
    )


class JsonInText(NamedTuple):
    """An argument that clients may send as JSON in a string, as some do."""

    field: str
    """Its name in the model."""
    may_be_text: bool
    """Whether some texts are values of it, such as those of a Literal."""


def find_json_in_text(model: type[ArgModelBase], schema: Mapping[str, Any]) -> dict[str, JsonInText]:
    """By the names that callers use; `schema` is the model's. An argument that may be any text is none of them."""
    found, properties = {}, schema.get("properties", {})
    for name, field in model.model_fields.items():
        wire = field.validation_alias if isinstance(field.validation_alias, str) else name
        if field.annotation is str:
            continue
        may_be_text = _admits_text(properties.get(wire, {}), schema)
        if not may_be_text or not _is_any_text(_field_schema(model, name), _definitions(model)):
            found[wire] = JsonInText(name, may_be_text)
    return found


def read_json_in_text(
    model: type[ArgModelBase], known: Mapping[str, JsonInText], given: dict[str, Any]
) -> dict[str, Any]:
    """The arguments, with what cannot be meant as text read as JSON: an object, a list or null.

    Raises:
        Failed: they hold more JSON than is read.
    """
    allowance = JsonAllowance()
    read = {
        name: _read(model, known[name], value, allowance)
        for name, value in given.items()
        if isinstance(value, str) and name in known
    }
    return {**given, **read}


def _read(model: type[ArgModelBase], known: JsonInText, text: str, allowance: JsonAllowance) -> Any:
    try:
        count_json(text, allowance)
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, str | int | float) or (known.may_be_text and _is_valid(model, known.field, text)):
        return text
    return value


def _is_valid(model: type[ArgModelBase], field: str, text: str) -> bool:
    """Whether the text as it stands is a value of this one field."""
    blank = model.__new__(model)
    empty: tuple[tuple[str, Any], ...] = (
        ("__dict__", {}),
        ("__pydantic_fields_set__", set()),
        ("__pydantic_extra__", None),
    )
    for name, value in empty:
        object.__setattr__(blank, name, value)
    try:
        model.__pydantic_validator__.validate_assignment(blank, field, text)
    except ValidationError:
        return False
    return True


def _admits_text(schema: Any, root: Mapping[str, Any], above: tuple[str, ...] = ()) -> bool:
    """Whether a text can be a value of it, as the list shows it."""
    if not isinstance(schema, dict):
        return bool(schema)
    if (reference := schema.get("$ref")) is not None:
        target = find_definition(schema, root)
        return reference not in above and _admits_text(target, root, (*above, reference))
    types = schema.get("type", "string")
    if "string" not in ([types] if isinstance(types, str) else types):
        return False
    choices = [schema["const"]] if "const" in schema else schema.get("enum", [""])
    unions = [schema[key] for key in ("anyOf", "oneOf") if key in schema]
    return any(isinstance(choice, str) for choice in choices) and all(
        any(_admits_text(part, root, above) for part in union) for union in unions
    )


def _field_schema(model: type[ArgModelBase], name: str) -> Any:
    schema: Any = model.__pydantic_core_schema__
    while schema["type"] != "model-fields":
        schema = _definitions(model)[schema["schema_ref"]] if "schema_ref" in schema else schema["schema"]
    return schema["fields"][name]["schema"]


def _definitions(model: type[ArgModelBase]) -> Mapping[str, Any]:
    schema: Any = model.__pydantic_core_schema__
    return {each["ref"]: each for each in schema.get("definitions", ())}


_INSIDE = ("schema", "lax_schema", "python_schema")


def _is_any_text(schema: Any, definitions: Mapping[str, Any], above: tuple[str, ...] = ()) -> bool:
    """Whether any text may be meant as a value of it, even one that is too long: pydantic's own schema knows."""
    kind = schema["type"]
    if kind in ("any", "bytes", "str"):
        return True
    if kind == "definition-ref":
        name = schema["schema_ref"]
        return name not in above and _is_any_text(definitions[name], definitions, (*above, name))
    if kind == "model" and not schema["root_model"]:
        return False
    parts = [schema[key] for key in _INSIDE if key in schema and kind in _AROUND]
    parts += [
        each[0] if isinstance(each, tuple) else each for each in schema.get("choices", ()) if kind == "union"
    ]
    parts += schema.get("steps", ())[:1]
    return any(_is_any_text(part, definitions, above) for part in parts)


_AROUND = frozenset(
    [
        "default",
        "function-after",
        "function-before",
        "function-wrap",
        "json-or-python",
        "lax-or-strict",
        "model",
        "nullable",
    ]
)
