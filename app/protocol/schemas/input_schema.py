"""An input schema of the author's own, in place of the one that the parameters' types make."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from mcp.shared.inbound import find_invalid_x_mcp_header

from app.protocol.catalogue.definition import CatalogueError, Definition
from app.protocol.schemas.client_schema import remove_true


def choose_input_schema(definition: Definition[Any], made: dict[str, Any]) -> dict[str, Any]:
    """What the list shows; `made` is the schema of the types.

    Raises:
        CatalogueError: it is no schema, or of other parameters than the function's, or no client could send them.
    """
    own: dict[str, Any] | None = getattr(definition.metadata, "input_schema", None)
    if own is None:
        return made
    # Schema of Tool: an object at the top, whatever else it says.
    if own.get("type") != "object":
        raise _refused(definition, 'has no "type": "object"; arguments are an object by their names')
    if (problem := _problem(own)) is not None:
        raise _refused(definition, f"is no JSON Schema: {problem}")
    shown, taken = set(own.get("properties", {})), set(made.get("properties", {}))
    if shown != taken:
        raise _refused(definition, f"and its parameters differ in {min(shown ^ taken)}; both name the same ones")
    if (reason := find_invalid_x_mcp_header(own)) is not None:
        raise _refused(definition, f"has an x-mcp-header that clients cannot send: {reason}")
    shown_as: dict[str, Any] = remove_true(own)
    return shown_as


def _refused(definition: Definition[Any], text: str) -> CatalogueError:
    return CatalogueError(f"{definition.file}: the input_schema of tool {definition.name} {text}")


def _problem(schema: dict[str, Any]) -> str | None:
    # Here, as only a schema of an author's own needs them.
    from jsonschema import Draft202012Validator, FormatChecker, SchemaError
    from jsonschema.validators import validator_for

    # MCP basic, JSON Schema usage: 2020-12 where $schema says nothing else.
    validator: Any = validator_for(schema, default=Draft202012Validator)
    try:
        # Without formats: its patterns are held to JavaScript's grammar, and not to Python's.
        validator.check_schema(schema, format_checker=FormatChecker(()))
    except SchemaError as error:
        return f"{error.json_path}: {error.message}"
    dangling = (each for each in _references(schema) if each.startswith("#/") and not _leads(schema, each))
    return next((f"its $ref {each} leads nowhere" for each in dangling), None)


def _references(schema: Any) -> Iterator[str]:
    """Also those of a property that is called "$ref", whose value is no text."""
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference
        # What these hold is data, whatever it looks like.
        schema = [part for key, part in schema.items() if key not in ("const", "default", "enum", "examples")]
    if isinstance(schema, list):
        for part in schema:
            # What has an $id is a document of its own, from whose top its references lead (JSON Schema 8.2.1).
            if not (isinstance(part, dict) and "$id" in part):
                yield from _references(part)


def _leads(schema: Any, reference: str) -> bool:
    """A JSON Pointer (RFC 6901), percent-encoded."""
    for step in unquote(reference[2:]).split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(schema, list):
            schema = {str(place): part for place, part in enumerate(schema)}
        if not isinstance(schema, dict) or key not in schema:
            return False
        schema = schema[key]
    return True
