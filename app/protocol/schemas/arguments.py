"""A call's arguments: the names that callers give them, and texts that clients send instead of JSON."""

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
from app.protocol.wire.message import JsonAllowance

_PREFIX = "argument_"


def rename_parameters(function: Callable[..., Any]) -> None:
    """Rename parameters so that the SDK can make a model of them; annotations must be types, not texts.

    Without this, a parameter with the name of an attribute of pydantic's models would replace that or be lost, one
    that begins with an underscore would be refused, and one with an alias would be passed under its alias.
    """
    signature = inspect.signature(function)
    wires = {name: find_wire_name(each, {name: each.annotation}) for name, each in signature.parameters.items()}
    if not any(_is_reserved(name) or wire != name for name, wire in wires.items()):
        return
    own = {find_context_parameter(function), *find_resolved_parameters(function)}
    parameters = [
        each if name in own else _rename(each, wires[name]) for name, each in signature.parameters.items()
    ]
    # Keyword-only, as the SDK passes them: then a default may stand before a parameter without one.
    function.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[each.replace(kind=each.KEYWORD_ONLY) for each in parameters]
    )


def _is_reserved(name: str) -> bool:
    return hasattr(ArgModelBase, name) or name.startswith(("_", "model_", _PREFIX))


def _rename(parameter: inspect.Parameter, wire: Any) -> inspect.Parameter:
    name, hint, default = parameter.name, parameter.annotation, parameter.default
    if isinstance(default, FieldInfo):
        hint, default = Annotated[hint, default], parameter.empty
    # The SDK passes an argument under its `alias`; callers use its `validation_alias`.
    return parameter.replace(
        name=_PREFIX + name if _is_reserved(name) else name,
        annotation=Annotated[hint, Field(alias=name, validation_alias=wire)],
        default=default,
    )


class JsonInText(NamedTuple):
    """An argument that may come as JSON in a string, because some clients send lists and objects so."""

    field: str
    """Its name in the model."""
    may_be_text: bool
    """Whether some texts are valid values, such as those of a Literal."""


def find_json_in_text(model: type[ArgModelBase], schema: Mapping[str, Any]) -> dict[str, JsonInText]:
    """The arguments that cannot be any text, by the names that callers use; `schema` is the model's."""
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
    """The arguments, in which a text that can only be meant as JSON is parsed: an object, a list or null.

    Raises:
        CallFailed: they hold more JSON than this server reads.
    """
    allowance = JsonAllowance()
    read = {
        name: _parse(model, known[name], value, allowance)
        for name, value in given.items()
        if isinstance(value, str) and name in known
    }
    return {**given, **read}


def _parse(model: type[ArgModelBase], known: JsonInText, text: str, allowance: JsonAllowance) -> Any:
    try:
        count_json(text, allowance)
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, str | int | float) or (known.may_be_text and _is_valid(model, known.field, text)):
        return text
    return value


def _is_valid(model: type[ArgModelBase], field: str, text: str) -> bool:
    """Whether the text itself is a valid value of this field."""
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
    """Whether the JSON Schema allows some text."""
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


_INNER_SCHEMAS = ("schema", "lax_schema", "python_schema")


def _is_any_text(schema: Any, definitions: Mapping[str, Any], above: tuple[str, ...] = ()) -> bool:
    """Whether pydantic's core schema takes every text, apart from limits such as a length."""
    kind = schema["type"]
    if kind in ("any", "bytes", "str"):
        return True
    if kind == "definition-ref":
        name = schema["schema_ref"]
        return name not in above and _is_any_text(definitions[name], definitions, (*above, name))
    if kind == "model" and not schema["root_model"]:
        return False
    parts = [schema[key] for key in _INNER_SCHEMAS if key in schema and kind in _WRAPPERS]
    parts += [
        each[0] if isinstance(each, tuple) else each for each in schema.get("choices", ()) if kind == "union"
    ]
    parts += schema.get("steps", ())[:1]
    return any(_is_any_text(part, definitions, above) for part in parts)


_WRAPPERS = frozenset(
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
