"""Agents' libraries take every tool: what each loses is what docs/clients.md says (`make converters`)."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app import tools as own
from examples import tools as examples
from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from tests.blocks import ROOT
from tests.catalogues import many, schemas, warned
from tests.e2e.clients import FOLDER, NODE, environment
from tests.e2e.library_rows import JAVASCRIPT, LOCKS, MODULES, WARNED, read_rows, read_warned
from tests.e2e.losses import find_dangling_references, find_losses
from tests.e2e.test_schema_readers import listed
from tests.loopback_issuer import loopback_issuer

pytestmark = pytest.mark.converters
Tools = Mapping[str, Mapping[str, Any]]
MAY_LIST_ALL: dict[str, Any] = {"role": "admin", "feature_flags": ["report-export"]}
PERMISSIONS = ["reports:read", "members:manage"]
NO_REPORTS_HOME = {
    "OTEL_SDK_DISABLED": "true",
    "DO_NOT_TRACK": "1",
    "ANONYMIZED_TELEMETRY": "false",
    "CREWAI_DISABLE_TELEMETRY": "true",
    "HAYSTACK_TELEMETRY_ENABLED": "false",
    "MCP_USE_ANONYMIZED_TELEMETRY": "false",
}
"""The libraries tell their makers of each use, and wait for an answer."""
KINDS: Mapping[str, Tools] = {
    "project": {tool["name"]: tool for tool in listed(own, examples)},
    "every type": {tool["name"]: tool for tool in listed(many, schemas)},
    **{
        kind: {tool["name"]: tool for tool in listed(warned) if tool["name"] == name}
        for kind, name in zip(
            WARNED, ("holds_itself", "takes_anything", "chooses_a_number", "defines_a_place"), strict=True
        )
    },
}
"""The tools that are looked at. A kind that the start warns of is one more tool in the project's list."""


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, dict[str, str]]]:
    """For each kind of tools the URL of a server, and a token that lists them."""
    with loopback_issuer() as vendor:
        handlers = ("tests.project_function", "tests.types_function")
        gateways = [create_gateway(vendor.settings, handler=each, say=lambda line: None) for each in handlers]
        with LoopbackServer(gateways[0]) as project, LoopbackServer(gateways[1]) as types:
            yield {
                kind: {
                    "url": f"{(types if kind == 'every type' else project).url}/mcp",
                    "token": vendor.issuer.token(**MAY_LIST_ALL, permissions=[*PERMISSIONS, f"warned:{kind}"]),
                }
                for kind in KINDS
            }
        for gateway in gateways:
            gateway.close()


def measure(library: str, servers: Mapping[str, Any], home: Path) -> dict[str, dict[str, str]]:
    """From each format of the library to what it makes of each kind of tools, in the words of the page."""
    module, function = MODULES[library]
    if module == JAVASCRIPT:
        command = [str(NODE), str(FOLDER / module), function]
    else:
        python = ROOT / f".venv-{LOCKS[module]}/bin/python"
        command = [str(python), "-m", f"tests.e2e.libraries.{module}", function]
    done = subprocess.run(
        command,
        input=json.dumps(servers),
        env={**environment(home), **NO_REPORTS_HOME, "PYTHONPATH": str(ROOT)},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    formats = {name for each in said.values() if isinstance(each, dict) for name in each}
    return {name: {kind: judge(said[kind], name, KINDS[kind]) for kind in KINDS} for name in formats}


def judge(said: Any, format_: str, tools: Tools) -> str:
    if isinstance(said, str):
        return f"loses the whole list: {said}"
    if isinstance(converted := said[format_], str):
        return f"fails: {converted}"
    lost: set[str] = set()
    for name, tool in tools.items():
        (one,) = [each for each in converted if re.search(rf"(^|[-_]){name}$", each["name"])]
        assert tool["description"] in one["description"], name
        assert set(one["parameters"].get("properties", {})) == set(tool["inputSchema"]["properties"]), name
        dangling = find_dangling_references(one["parameters"])
        lost |= {"references"} if dangling else find_losses(tool["inputSchema"], one["parameters"])
    return f"loses {', '.join(sorted(lost))}" if lost else "all kept"


def is_as_documented(measured: str, documented: str) -> bool:
    """The page says less of an error than the library does."""
    return measured == documented or measured.startswith(f"{documented}: ")


@pytest.mark.parametrize("library", MODULES)
def test_a_library_makes_of_the_tools_what_the_page_says(
    library: str, servers: Mapping[str, Any], tmp_path: Path
) -> None:
    measured = measure(library, servers, tmp_path)

    rows = {name: row for row in read_rows() if row.library == library for name in row.formats}
    assert measured.keys() == rows.keys()
    said_of_warned = read_warned()
    for name, row in rows.items():
        kinds = said_of_warned.get((library, name), dict.fromkeys(WARNED, "all kept"))
        expected = {"project": row.project, "every type": row.every_type, **kinds}
        assert {
            kind: is_as_documented(measured[name][kind], text) or measured[name][kind]
            for kind, text in expected.items()
        } == dict.fromkeys(KINDS, True), name
