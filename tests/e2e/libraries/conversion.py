"""Run under the libraries' environments: connect one library to a server, and print what it makes of the tools.

JSON in: `{kind: {"url": ..., "token": ...}}`. JSON out, for each kind: the text of an error, or for each format
of the library the text of an error, or a list of `{"name", "description", "parameters"}`.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

Formats = Mapping[str, Callable[[], Sequence[Any]]]
"""From the name of a format to the function that converts all tools to it."""
Library = Callable[[str, dict[str, str]], Formats]
"""Takes the server's URL and the headers of each request, and has its tools loaded when it returns."""


def run(libraries: Mapping[str, Library]) -> None:
    """Do it for the library that the command line names."""
    library, given = libraries[sys.argv[1]], json.load(sys.stdin)
    with redirect_stdout(sys.stderr):
        loaded = {kind: _load(library, **each) for kind, each in given.items()}
    json.dump(loaded, sys.stdout)


def _load(library: Library, url: str, token: str) -> Any:
    try:
        formats = library(url, {"Authorization": f"Bearer {token}"})
    except Exception as error:  # noqa: BLE001 - it is what is asked for
        return _say(error)
    return {name: _convert(convert) for name, convert in formats.items()}


def _convert(convert: Callable[[], Sequence[Any]]) -> Any:
    try:
        tools = [_read(tool) for tool in convert()]
        json.dumps(tools)  # as the request to a model's API would
    except Exception as error:  # noqa: BLE001 - it is what is asked for
        return _say(error)
    return tools


def _say(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


_PARAMETERS = ("parameters", "parameters_json_schema", "input_schema", "inputSchema")


def _read(tool: Any) -> dict[str, Any]:
    """The tool in one form, from the forms of OpenAI, Anthropic, Bedrock and Gemini."""
    fields = tool if isinstance(tool, dict) else tool.model_dump(mode="json", by_alias=False, exclude_none=True)
    fields = fields.get("function", fields)
    parameters: Any = next((fields[name] for name in _PARAMETERS if fields.get(name)), {})
    return {
        "name": fields["name"],
        "description": fields.get("description", ""),
        "parameters": parameters.get("json", parameters),
    }
