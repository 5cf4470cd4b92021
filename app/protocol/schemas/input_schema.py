"""An input schema that an author wrote, in place of the one that pydantic makes of the parameters' types."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from mcp.shared.inbound import find_invalid_x_mcp_header

from app.protocol.catalogue.definition import CatalogueError, Definition
from app.protocol.schemas.client_schema import remove_true


def choose_input_schema(definition: Definition[Any], generated: dict[str, Any]) -> dict[str, Any]:
    """The schema that the list shows; `generated` is the one of the parameters' types.

    Raises:
        CatalogueError: the author's schema is not a JSON Schema, names other parameters than the function has, or
            has headers that no client could send.
    """
    own: dict[str, Any] | None = getattr(definition.metadata, "input_schema", None)
    if own is None:
        return generated
    # MCP schema, Tool.inputSchema: `type` must be "object".
    if own.get("type") != "object":
        raise _refuse(definition, 'has no "type": "object"; arguments are an object by their names')
    if (problem := _find_problem(own)) is not None:
        raise _refuse(definition, f"is not a JSON Schema: {problem}")
    shown, parameters = set(own.get("properties", {})), set(generated.get("properties", {}))
    if shown != parameters:
        raise _refuse(
            definition, f"and its parameters differ in {min(shown ^ parameters)}; both name the same ones"
        )
    if (reason := find_invalid_x_mcp_header(own)) is not None:
        raise _refuse(definition, f"has an x-mcp-header that clients cannot send: {reason}")
    cleaned: dict[str, Any] = remove_true(own)
    return cleaned


def _refuse(definition: Definition[Any], text: str) -> CatalogueError:
    return CatalogueError(f"{definition.file}: the input_schema of tool {definition.name} {text}")


def _find_problem(schema: dict[str, Any]) -> str | None:
    # Imported here, because only an author's own schema needs them.
    from jsonschema import Draft202012Validator, FormatChecker, SchemaError
    from jsonschema.validators import validator_for

    # MCP basic, JSON Schema usage: 2020-12 where $schema says nothing else.
    validator: Any = validator_for(schema, default=Draft202012Validator)
    try:
        # Without formats, of which "regex" means Python's: patterns are checked by JavaScript's grammar instead.
        validator.check_schema(schema, format_checker=FormatChecker(()))
    except SchemaError as error:
        return f"{error.json_path}: {error.message}"
    dangling = (
        each for each in _find_references(schema) if each.startswith("#/") and not _leads_to_schema(schema, each)
    )
    return next((f"its $ref {each} leads nowhere" for each in dangling), None)


def _find_references(schema: Any) -> Iterator[str]:
    """Every `$ref` whose value is a text. A property may have that name too: its value is a schema."""
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference
        # The values of these keywords are data, even if they look like a schema.
        schema = [part for key, part in schema.items() if key not in ("const", "default", "enum", "examples")]
    if isinstance(schema, list):
        for part in schema:
            # A schema with an $id is a document of its own: its references begin at its top (JSON Schema 8.2.1).
            if not (isinstance(part, dict) and "$id" in part):
                yield from _find_references(part)


def _leads_to_schema(schema: Any, reference: str) -> bool:
    """Whether the reference, a percent-encoded JSON Pointer (RFC 6901), leads to a part of the schema."""
    for step in unquote(reference[2:]).split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(schema, list):
            schema = {str(place): part for place, part in enumerate(schema)}
        if not isinstance(schema, dict) or key not in schema:
            return False
        schema = schema[key]
    return True
