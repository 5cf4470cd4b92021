"""Valid parts of a tool that some clients cannot read: each is logged at the start, with what to write instead.

They were measured with the clients' own converters, or reported by their users (docs/schemas.md).
"""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.authoring.json_schema import definition_name, field_below, subschemas
from app.authoring.tool import SchemaWarning
from app.protocol.catalogue.definition import Definition
from app.protocol.schemas.client_schema import find_recursive_definitions

logger = logging.getLogger(__name__)

MAX_NAME_CHARACTERS = 48
"""Clients put the server's name before a tool's, and the APIs of models take 64 characters together."""
_PROPERTY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ROOT_KEYWORDS = ("allOf", "anyOf", "dependentSchemas", "else", "enum", "if", "not", "oneOf", "then", "$ref")
_OF_DEFINITIONS = ("definitions", "recursive")
_OF_VALUES = ("anyOf", "oneOf", "properties")
_TYPED = frozenset({"$ref", "allOf", "anyOf", "enum", "oneOf", "type"})

_ABOUT: Mapping[SchemaWarning, tuple[str, str]] = {
    "additional-properties": (
        "google-genai's MCP support loses the whole list by a boolean additionalProperties",
        'leave it out: the server checks extra="forbid" all the same',
    ),
    "any": (
        "AutoGen loses the whole list by a field without a type, smolagents and LlamaIndex make it a text",
        "name the types that it may have, such as str | int | list[str]",
    ),
    "definitions": (
        "Continue and Semantic Kernel drop $defs, and then see nothing of this field",
        "write them where they are used, or use fewer and smaller models",
    ),
    "long-name": (
        "Claude Code and opencode put the server's name before it, and exceed the 64 characters of models' APIs",
        f"rename the function: at most {MAX_NAME_CHARACTERS} characters",
    ),
    "number-choice": (
        "the Gemini converters of LangChain and Agno refuse the tool by a choice of anything but texts",
        'write the choices as texts, Literal["1", "2"], or limit a number with Field(ge=1, le=3)',
    ),
    "property-name": (
        "Claude Code drops the tool, and Claude's API refuses any request with it",
        "give it an alias of letters A to Z, digits, _, - and ., of at most 64 characters",
    ),
    "recursive": (
        "LlamaIndex, AutoGen, smolagents and mcp-use fail, Continue and Semantic Kernel see nothing of this field",
        "take a flat list whose items name their parent by its id",
    ),
    "root-condition": (
        "Claude Code drops the tool, and the APIs of Claude and OpenAI refuse any request with it",
        "leave it out of the schema, check it in the function and raise ToolError",
    ),
}


class Finding(NamedTuple):
    kind: SchemaWarning
    field: str
    """The place in the arguments, such as filter.tags[]; "" for the tool itself."""


def log_findings(definition: Definition[Any], schema: Mapping[str, Any]) -> None:
    """Log a line for each finding that the tool's author has not silenced."""
    for kind, field in dict.fromkeys(find_all(definition.name, schema)):
        if kind in definition.metadata.silence:
            continue
        clients, instead = _ABOUT[kind]
        about = {
            "file": definition.file,
            "tool": definition.name,
            "kind": kind,
            "clients": clients,
            "instead": instead,
        }
        logger.warning("tool not for every client", extra={**about, **({"field": field} if field else {})})


def find_all(name: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    """All findings of a tool with this name and input schema."""
    if len(name) > MAX_NAME_CHARACTERS:
        yield Finding("long-name", "")
    if any(keyword in schema for keyword in _ROOT_KEYWORDS):
        yield Finding("root-condition", "")
    yield from _find_in_fields(schema, "", find_recursive_definitions(schema))


def _find_in_fields(schema: Any, field: str, recursive: frozenset[str]) -> Iterator[Finding]:
    if not isinstance(schema, dict):
        return
    yield from _find_in_one(schema, field, recursive)
    for keyword, name, part in subschemas(schema):
        inside = field_below(field, keyword, name)
        if keyword == "properties" and not _PROPERTY_NAME.fullmatch(name):
            yield Finding("property-name", inside)
        if keyword in _OF_VALUES and inside and isinstance(part, dict) and not _TYPED & part.keys():
            yield Finding("any", inside)
        if keyword == "$defs":
            # A finding names the fields that use a definition, so here only what is inside of it is new.
            yield from (
                each for each in _find_in_fields(part, name, recursive) if each.kind not in _OF_DEFINITIONS
            )
        else:
            yield from _find_in_fields(part, inside, recursive)


def _find_in_one(schema: Mapping[str, Any], field: str, recursive: frozenset[str]) -> Iterator[Finding]:
    if isinstance(schema.get("additionalProperties"), bool):
        yield Finding("additional-properties", field)
    if (target := definition_name(schema)) is not None:
        yield Finding("recursive" if target in recursive else "definitions", field)
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if not all(isinstance(choice, str | None) for choice in choices):
        yield Finding("number-choice", field)
