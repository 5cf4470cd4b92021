"""What a caller is told when a call fails: our words or the author's; all else stays in the log."""

import logging
from collections.abc import Iterator
from traceback import walk_tb
from typing import Any

from mcp.server.mcpserver import resolve
from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp.server.mcpserver.tools.base import Tool
from mcp.shared.exceptions import MCPError, NoBackChannelError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS
from pydantic import ValidationError

from app.auth.refusals import ScopeMissing
from app.authoring.errors import ContentError, ResourceNotFound
from app.current import CallerError
from app.protocol.asking.answers import CapabilityMissing
from app.protocol.wire.errors import Failed, Unknown, describe_expectation
from app.workos import errors as workos_errors

logger = logging.getLogger(__name__)

SHOWN = 10
"""Problems with arguments that are told one by one."""
MAX_LISTED_PROBLEMS = 1000
"""Of more, which only an author's own validation inside a validator can have, the number alone is told."""
_MISFIT = {
    "tool": "The arguments do not fit the tool's input schema.",
    "prompt": "The arguments do not fit the prompt.",
    "resource": "The URI does not fit the resource's template.",
    "completion": "What is filled in already does not fit.",
}


def explain(word: str, tool: Tool, file: str, error: SdkToolError) -> Exception:
    """What to raise instead; `word` says what was called, such as "prompt", and `file` where it is written.

    Where a result does not fit its type, no line of the author's file is in the traceback.
    """
    cause = error.__cause__
    if isinstance(cause, ScopeMissing | Unknown):  # the guard's, once it knew the arguments
        return cause
    if isinstance(cause, ResourceNotFound) and word == "resource":
        return Unknown()
    if isinstance(cause, CallerError):
        return Failed(INTERNAL_ERROR, _own_words(word, tool, cause))
    if text := workos_errors.explain(cause):
        return Failed(INTERNAL_ERROR, text)
    if type(error) is SdkToolError and isinstance(cause, ValidationError):
        return Failed(INVALID_PARAMS, f"{_MISFIT[word]} {_problems(tool, cause)}")
    logger.error(f"{word} raised", extra={word: tool.name, "file": file}, exc_info=cause or error)
    # Of content it is our own words, which a caller may be able to act on: ask for less.
    known = f": {cause}" if isinstance(cause, ContentError) else " unexpectedly. The cause is in the server's log."
    return Failed(INTERNAL_ERROR, f"The {word} failed{known}")


def _own_words(word: str, tool: Tool, error: Exception) -> str:
    try:
        return str(error)
    except Exception:
        logger.exception(f"{word} raised what has no text", extra={word: tool.name})
        return f"The {word} failed unexpectedly. The cause is in the server's log."


def is_ours(error: MCPError) -> bool:
    """Whether its text may be told: that of an author's MCP client is another server's."""
    if isinstance(error, Failed | CapabilityMissing | NoBackChannelError):
        return True
    *_, (raised_in, _) = walk_tb(error.__traceback__)
    # What a Resolve parameter needs of the client, in the SDK's own words.
    return raised_in.f_globals is vars(resolve)


def _problems(tool: Tool, error: ValidationError) -> str:
    if error.error_count() > MAX_LISTED_PROBLEMS:
        return f"There are {error.error_count()} problems; compare with what the list says of {tool.name}."
    known = set(_property_names(tool.parameters))
    by_place: dict[str, list[str]] = {}
    for problem in error.errors(include_url=False, include_input=False):
        by_place.setdefault(_place(problem["loc"], known), []).append(describe_expectation(problem))
    told = [f"{place}: {' or '.join(dict.fromkeys(said))}" for place, said in by_place.items()]
    if len(told) > SHOWN:
        told[SHOWN:] = [f"and {len(told) - SHOWN} more; compare with what the list says of {tool.name}."]
    return "; ".join(told)


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
