"""What a caller is told when a tool fails: our words or the tool author's; all else stays in the log."""

import logging
from collections.abc import Iterator
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp.server.mcpserver.tools import Tool
from pydantic import ValidationError

from app.auth import workos_errors
from app.tool import ToolError

logger = logging.getLogger(__name__)

SHOWN = 10
"""Problems with arguments that are told one by one; a large list can have a million."""


def explain(tool: Tool, error: SdkToolError) -> str:
    """The text for the caller."""
    cause = error.__cause__
    if isinstance(cause, ToolError):
        return str(cause)
    if text := workos_errors.explain(cause):
        return text
    if type(error) is SdkToolError and isinstance(cause, ValidationError):
        return "The arguments do not fit the tool's input schema. " + _argument_problems(tool, cause)
    logger.error("tool raised", extra={"tool": tool.name}, exc_info=cause or error)
    return "The tool failed unexpectedly. The cause is in the server's log."


def _argument_problems(tool: Tool, error: ValidationError) -> str:
    if error.error_count() > SHOWN:
        return f"There are {error.error_count()} problems; compare with the schema in tools/list."
    known = set(_property_names(tool.parameters))
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{_place(problem['loc'], known)}: {problem['msg']}" for problem in problems)


def _place(location: tuple[str | int, ...], known: set[str]) -> str:
    # A key that is in no schema is the caller's own text: it is not repeated.
    return ".".join(str(part) if isinstance(part, int) or part in known else "*" for part in location)


def _property_names(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _property_names(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _property_names(part)
