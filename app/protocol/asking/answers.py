"""Which questions the client can put to its user, and how the user's answer is read."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Literal, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, MISSING_REQUIRED_CLIENT_CAPABILITY
from mcp_types.methods import INPUT_REQUIRED_METHODS
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ValidationError
from pydantic_core import CoreSchema, SchemaValidator

from app.authoring.ask import Cancelled, Declined, Model
from app.authoring.form import build_form
from app.protocol.schemas.schema_validator import build_validator
from app.protocol.wire.errors import CallFailed, describe_expectation

Mode: TypeAlias = Literal["form", "url"]
"""A form that the client shows, or a page that it opens."""

_FORMAT_CORES: Mapping[str, CoreSchema] = {
    "date": {"type": "date"},
    "date-time": {"type": "datetime"},
    "uri": {"type": "url"},
}
"""How pydantic reads a format that a form may have (MCP 2026-07-28, client/elicitation)."""
MAX_LISTED_PROBLEMS = 10
"""Problems with one answer that its caller gets to read."""


class CapabilityMissing(MCPError):
    """The client has to declare more (2026-07-28, basic, per-request protocol fields). The message is for it."""

    def __init__(self, text: str, capabilities: Mapping[str, Any]) -> None:
        super().__init__(MISSING_REQUIRED_CLIENT_CAPABILITY, text, {"requiredCapabilities": dict(capabilities)})


def find_modes(context: ServerRequestContext[Any]) -> tuple[Mode, ...]:
    """How the client of this request can ask its user.

    It declares that with each request. In the 2025 era it did so for a session, which this server does not have.
    """
    declared = context.session.client_capabilities
    if context.method not in INPUT_REQUIRED_METHODS:  # such as a completion
        return ()
    if declared is None or (elicitation := declared.elicitation) is None:
        return ()
    # An empty `elicitation` means forms (client/elicitation, Capabilities).
    if elicitation.url is None:
        return ("form",)
    return ("url",) if elicitation.form is None else ("form", "url")


def build_refusal(mode: Mode, noun: str, version: str) -> MCPError:
    """The error for a client that cannot ask in this mode; `noun` names what was called, such as "tool"."""
    needed = f"a client of protocol version 2026-07-28 which declares the capability elicitation.{mode}."
    if version in HANDSHAKE_PROTOCOL_VERSIONS:
        # The client may declare it, but before 2026-07-28 the server sends its question as a request in a session.
        why = f"Protocol version {version} asks within a session, which this server does not have"
        return CallFailed(INVALID_PARAMS, f"This {noun} has to ask its user. {why}: use {needed}")
    text = f"This {noun} has to ask its user. That needs {needed}"
    # 2026-07-28, basic, per-request protocol fields: the server MUST answer with this error.
    return CapabilityMissing(text, {"elicitation": {mode: {}}})


def read_form(model: type[Model], answer: Mapping[str, Any]) -> Model:
    """The content of a form as its model.

    Raises:
        Declined, Cancelled: the user did not fill it in.
        CallFailed: the content does not fit the form, which the client should have noticed.
    """
    read_consent(answer)
    try:
        # Strictly and as JSON: a date is text there, and the text "yes" never becomes True.
        return model.model_validate_json(json.dumps(answer["content"] or {}), strict=True)
    except ValidationError as error:
        # Names that the model does not have are the client's own text, so this does not repeat them.
        raise _explain_misfit(set(build_form(model)["properties"]), error) from None


def require_fit(form: Mapping[str, Any], content: Any) -> None:
    """Check the content of a form against its `requestedSchema`, which knows less than the model.

    Raises:
        CallFailed: it does not fit, which the client should have noticed.
    """
    fields, required = form["properties"], form["required"]
    # The model reads more dates than RFC 3339 has, and None in a field that may be left out.
    known = {
        field: {key: each for key, each in about.items() if key != "format"} for field, about in fields.items()
    }
    given = {field: value for field, value in (content or {}).items() if value is not None or field in required}
    try:
        build_validator({**form, "properties": known}).validate_python(given)
        _build_format_validator(fields).validate_json(json.dumps(given))
    except ValidationError as error:
        raise _explain_misfit(set(fields), error) from None


def _build_format_validator(fields: Mapping[str, Any]) -> SchemaValidator:
    """What pydantic reads as a date or an address, for the fields with such a format."""
    cores: Any = {
        field: {"type": "typed-dict-field", "schema": _FORMAT_CORES[about["format"]], "required": False}
        for field, about in fields.items()
        if about.get("format") in _FORMAT_CORES
    }
    return SchemaValidator({"type": "typed-dict", "fields": cores})


def read_consent(answer: Mapping[str, Any]) -> None:
    """Raises: Declined or Cancelled, unless the user agreed."""
    if answer["action"] == "decline":
        raise Declined("The user was asked, and said no.")
    if answer["action"] == "cancel":
        raise Cancelled("The user was asked, and closed the question without an answer.")


def _explain_misfit(fields: set[str], error: ValidationError) -> CallFailed:
    # A list in it can have a million problems, so this names each kind once and stops after a few.
    problems = "; ".join(islice(dict.fromkeys(_describe(fields, error)), MAX_LISTED_PROBLEMS))
    return CallFailed(INVALID_PARAMS, f"The user's answer does not fit what was asked for. {problems}")


def _describe(fields: set[str], error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        name = next((str(part) for part in problem["loc"] if part in fields), "the answer")
        yield f"{name}: {describe_expectation(problem)}"
