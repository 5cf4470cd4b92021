"""The schemas of the tools as real converters and validators read them, in Python and JavaScript."""

import json
import subprocess
from functools import cache
from typing import Any

import pytest

from app.protocol.catalogue.catalogue import collect_tools
from app.protocol.serving.guard import Guard, KindGuard
from app.protocol.serving.tools import Tools
from examples import tools as examples
from tests.catalogues import many, schemas
from tests.e2e.clients import FOLDER, NODE, ROOT
from tests.patterns import EQUIVALENTS, READABLE, UNREADABLE

pytestmark = pytest.mark.e2e
PYTHON = ROOT / ".venv-converters/bin/python"
NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}
FORMS: dict[str, dict[str, Any]] = {
    "plain": NO_PARAMETERS,
    "without properties": {"type": "object"},
    "required": {**NO_PARAMETERS, "required": []},
    "none of any name": {**NO_PARAMETERS, "propertyNames": {"not": {}}},
    "none at all": {**NO_PARAMETERS, "maxProperties": 0},
    "none of any kind": {**NO_PARAMETERS, "additionalProperties": {"not": {}}},
    "none unevaluated": {**NO_PARAMETERS, "unevaluatedProperties": {"not": {}}},
}
"""Ways to say that a tool has no parameters, without a boolean."""
CLOSED = {**NO_PARAMETERS, "additionalProperties": False}


def listed(*packages: Any) -> list[dict[str, Any]]:
    """All tools of the packages as a list shows them to who may use all."""
    guard = KindGuard(Guard((), lambda: 0.0))
    tools = [tool for package in packages for _, tool in Tools(collect_tools(package), guard).entries]
    return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]


def forms() -> list[dict[str, Any]]:
    return [
        {"name": name.replace(" ", "_"), "inputSchema": form} for name, form in {**FORMS, "closed": CLOSED}.items()
    ]


def run(command: list[str], given: Any) -> Any:
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


TOOLS = listed(examples, schemas, many)
PATTERNS = [*READABLE, *EQUIVALENTS.values(), *UNREADABLE, *EQUIVALENTS]


@cache
def in_python() -> dict[str, Any]:
    said: dict[str, Any] = run([str(PYTHON), "-m", "tests.e2e.converters"], [*TOOLS, *forms()])
    return said


@cache
def in_javascript() -> dict[str, Any]:
    script = str(FOLDER / "read_schemas.mjs")
    said: dict[str, Any] = run([str(NODE), script], {"tools": [*TOOLS, *forms()], "patterns": PATTERNS})
    return said


def test_every_tool_is_converted_and_compiled() -> None:
    python, javascript = in_python(), in_javascript()["tools"]

    assert len(TOOLS) > 15
    for tool in TOOLS:
        assert (python[tool["name"]]["google"], javascript[tool["name"]]["ajv"]) == ("", ""), tool


def test_patterns_are_read_by_javascript_as_the_start_says() -> None:
    said = in_javascript()["patterns"]

    readable = len(READABLE) + len(EQUIVALENTS)
    assert [pattern for pattern, error in zip(PATTERNS[:readable], said, strict=False) if error] == []
    assert [
        pattern for pattern, error in zip(PATTERNS[readable:], said[readable:], strict=True) if not error
    ] == []


def test_openai_agents_takes_all_tools_and_those_with_parameters_strictly() -> None:
    python, javascript = in_python(), in_javascript()["tools"]
    ours = [tool for tool in TOOLS if tool["name"] in {each["name"] for each in listed(examples)}]

    for tool in ours:
        has_parameters = bool(tool["inputSchema"]["properties"])
        assert (python[tool["name"]]["strict"], javascript[tool["name"]]["strict"]) == (has_parameters,) * 2, tool


def test_a_tool_without_parameters_is_strict_by_a_boolean_alone_which_google_cannot_read() -> None:
    """If one of these becomes true, docs/clients.md and the list can change."""
    python, javascript = in_python(), in_javascript()["tools"]

    for form in [each["name"] for each in forms() if each["name"] != "closed"]:
        assert (python[form]["strict"], javascript[form]["strict"], python[form]["google"]) == (
            False,
            False,
            "",
        ), form
    assert (python["closed"]["strict"], javascript["closed"]["strict"]) == (True, True)
    assert "bool" in python["closed"]["google"]
