"""What a caller reads when a call fails: our words or the author's. All other texts stay in the log."""

import logging
from collections.abc import Iterator
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp.server.mcpserver.tools.base import Tool
from mcp.shared.exceptions import MCPError, NoBackChannelError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, MISSING_REQUIRED_CLIENT_CAPABILITY
from pydantic import ValidationError

from app.auth.refusals import ScopeMissing
from app.authoring.errors import ContentError, ResourceNotFound
from app.current import CallerError
from app.protocol.asking.answers import CapabilityMissing
from app.protocol.wire.errors import CallFailed, NotOffered, describe_expectation
from app.workos.errors import explain_workos_error

logger = logging.getLogger(__name__)

MAX_LISTED_PROBLEMS = 10
"""Problems with arguments that the caller gets to read."""
MAX_READ_PROBLEMS = 1000
"""With more problems, which only an author's own validator can make, the caller reads their number alone."""
_MISMATCHES = {
    "tool": "The arguments do not fit the tool's input schema.",
    "prompt": "The arguments do not fit the prompt.",
    "resource": "The URI does not fit the resource's template.",
    "completion": "What is filled in already does not fit.",
}
_RESOLVER_CAPABILITIES: dict[str, dict[str, Any]] = {
    "elicitation.form": {"elicitation": {"form": {}}},
    "sampling": {"sampling": {}},
    "sampling.tools": {"sampling": {"tools": {}}},
    "roots": {"roots": {}},
}
"""What the SDK's `Resolve` parameters can need of a client, by name."""


def explain_failure(noun: str, tool: Tool, file: str, error: SdkToolError) -> Exception:
    """The error to raise instead, with a text for the caller; everything else goes into the log.

    `noun` is what was called, such as "prompt". `file` is where it is written, which no traceback says if a result
    does not fit its type.
    """
    cause = error.__cause__
    if isinstance(cause, ScopeMissing | NotOffered):  # the guard raised it once it knew the arguments
        return cause
    if isinstance(cause, ResourceNotFound) and noun == "resource":
        return NotOffered()
    if isinstance(cause, CallerError):
        return CallFailed(INTERNAL_ERROR, _read_text(noun, tool, cause))
    if text := explain_workos_error(cause):
        return CallFailed(INTERNAL_ERROR, text)
    if type(error) is SdkToolError and isinstance(cause, ValidationError):
        return CallFailed(INVALID_PARAMS, f"{_MISMATCHES[noun]} {_list_problems(tool, cause)}")
    logger.error(f"{noun} raised", extra={noun: tool.name, "file": file}, exc_info=cause or error)
    # The text of a ContentError is ours, and the caller may be able to act on it: ask for less.
    known = f": {cause}" if isinstance(cause, ContentError) else " unexpectedly. The cause is in the server's log."
    return CallFailed(INTERNAL_ERROR, f"The {noun} failed{known}")


def _read_text(noun: str, tool: Tool, error: CallerError) -> str:
    try:
        return str(error)
    except Exception:
        logger.exception(f"{noun} raised what has no text", extra={noun: tool.name})
        return f"The {noun} failed unexpectedly. The cause is in the server's log."


def find_readable(error: MCPError, noun: str, tool: Tool) -> MCPError | None:
    """The error if a caller may read its text, or one in our words; None if the text must stay in the log.

    A tool may be a client of another MCP server, whose errors have texts of that server.
    """
    if isinstance(error, CallFailed | CapabilityMissing | NoBackChannelError):
        return error
    if not tool.resolved_params or error.error.code != MISSING_REQUIRED_CLIENT_CAPABILITY:
        return None
    required = error.error.data.get("requiredCapabilities") if isinstance(error.error.data, dict) else None
    for name, capabilities in _RESOLVER_CAPABILITIES.items():
        if required == capabilities:
            text = f"This {noun} needs a client which declares the capability {name}."
            return CapabilityMissing(text, capabilities)
    return None


def _list_problems(tool: Tool, error: ValidationError) -> str:
    if error.error_count() > MAX_READ_PROBLEMS:
        return f"There are {error.error_count()} problems; compare with what the list says of {tool.name}."
    known = set(_property_names(tool.parameters))
    by_place: dict[str, list[str]] = {}
    for problem in error.errors(include_url=False, include_input=False):
        by_place.setdefault(_name_place(problem["loc"], known), []).append(describe_expectation(problem))
    lines = [f"{place}: {' or '.join(dict.fromkeys(expected))}" for place, expected in by_place.items()]
    if (more := len(lines) - MAX_LISTED_PROBLEMS) > 0:
        lines[MAX_LISTED_PROBLEMS:] = [f"and {more} more; compare with what the list says of {tool.name}."]
    return "; ".join(lines)


def _name_place(location: tuple[str | int, ...], known: set[str]) -> str:
    # A key that no schema has is the caller's own text, so this does not repeat it.
    return ".".join(str(part) if isinstance(part, int) or part in known else "*" for part in location)


def _property_names(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _property_names(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _property_names(part)
