"""What the documents say of clients is what `make dev` prints and what the end-to-end suite drives."""

import json
import re
from importlib.metadata import version

from infra.local.seed.load import load_seed
from infra.local.start_page import Addresses, render_start_page
from tests.blocks import ROOT
from tests.clients.documented import documented_rows, pinned_versions
from tests.clients.programs import PROGRAMS
from tests.e2e.library_rows import JAVASCRIPT, LOCKS, MODULES, read_rows, read_warned

README = ROOT.joinpath("README.md").read_text()
PAGE = ROOT.joinpath("docs/clients.md").read_text()
START_PAGE = render_start_page(
    Addresses("http://127.0.0.1:8000", "http://127.0.0.1:8001"), load_seed(), colour=False
)


def printed(label: str) -> str:
    """The line of `make dev` for one client, without what follows it in words."""
    (text,) = re.findall(rf"^  {label:<19}(\S.*)$", START_PAGE, re.MULTILINE)
    return re.split("   |, then", text)[0]


def test_the_readme_has_every_line_that_make_dev_prints() -> None:
    programs = ("Claude Code", "Codex", "Copilot CLI", "opencode", "VS Code", "Cursor")
    for label in (*programs, "Inspector", "Inspector UI", "Any other"):
        assert printed(label) in README, label


def test_the_page_has_the_commands_of_the_readme() -> None:
    for label in ("Claude Code", "Codex", "Copilot CLI", "opencode", "VS Code", "Inspector UI"):
        assert printed(label) in PAGE, label


def test_the_commands_that_log_in_are_in_all_three() -> None:
    for command in ("claude mcp login workos-mcp-local", "opencode mcp auth workos-mcp-local"):
        assert all(f"{command}\n" in text for text in (START_PAGE, README, PAGE)), command


def test_the_versions_on_the_page_are_those_that_are_driven() -> None:
    pinned = json.loads((ROOT / "tests/e2e/node/package.json").read_text())["dependencies"]
    (table,) = re.findall(r"^\| client \| version \| eras .*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = re.findall(r"^\| ([^|]+) \| (\d+\.\d+\.\d+) \|", table, re.MULTILINE)

    assert dict(rows) == {
        "MCP Inspector, command line": pinned["@modelcontextprotocol/inspector"],
        "MCP Inspector, web page": pinned["@modelcontextprotocol/inspector"],
        "mcp-remote": pinned["mcp-remote"],
        "TypeScript SDK v2, `@modelcontextprotocol/client`": pinned["@modelcontextprotocol/client"],
        "MCP Tasks for it, `@modelcontextprotocol/ext-tasks`": pinned["@modelcontextprotocol/ext-tasks"],
        "TypeScript SDK v1, `@modelcontextprotocol/sdk`": pinned["@modelcontextprotocol/sdk"],
        "Python SDK, `mcp`": version("mcp"),
        "AI SDK, `@ai-sdk/mcp`": pinned["@ai-sdk/mcp"],
    }


def test_the_versions_on_the_page_of_background_work_are_those_that_are_driven() -> None:
    page = ROOT.joinpath("docs/background.md").read_text()
    pinned = {**pinned_versions(), "mcp": version("mcp")}
    rows = re.findall(r"^\| [^|]+, `([^`]+)` \| (\d+\.\d+\.\d+) \| (\d{4}-\d\d-\d\d) \|", page, re.MULTILINE)

    assert len(rows) == 9
    assert [written for _, written, _ in rows] == [pinned[package] for package, _, _ in rows]


def test_the_table_of_programs_has_each_with_the_version_that_is_run() -> None:
    pinned = pinned_versions()

    assert {name: version for name, (version, _) in documented_rows().items()} == {
        each.name: pinned[each.package] for each in PROGRAMS
    }


def test_the_page_says_which_programs_ci_runs() -> None:
    (said,) = re.findall(r"`make e2e`, which CI runs, three of them: ([^.]+)\.", PAGE)

    assert re.split(", | and ", said) == [each.name for each in PROGRAMS if each.is_quick]


def test_every_client_of_the_readme_has_its_steps_on_the_page() -> None:
    (table,) = re.findall(r"^\| client \| what to do \|\n\|[-|]+\|\n((?:\|.*\n)+)", README, re.MULTILINE)
    named = re.findall(r"^\| ([A-Z][^|]*) \|", table, re.MULTILINE)
    steps = re.findall(r"^\*\*([^*]+)\.\*\* \S", PAGE, re.MULTILINE)

    assert len(named) >= 6
    assert set(named) <= set(steps)


def test_the_page_says_which_clients_were_not_run() -> None:
    (said,) = re.findall(r"^\*\*Not run\*\*: ([^.]+)\.", PAGE, re.MULTILINE)

    assert {"Claude", "Cursor", "VS Code", "ChatGPT"} == set(re.split(", | and ", said))


def read_lock(name: str) -> dict[str, str]:
    lock = ROOT.joinpath(f"requirements/{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)", lock, re.MULTILINE))


def read_javascript_lock() -> dict[str, str]:
    packages = json.loads(ROOT.joinpath("tests/e2e/node/package-lock.json").read_text())["packages"]
    return {name.removeprefix("node_modules/"): each["version"] for name, each in packages.items() if name}


def test_the_table_of_libraries_has_the_versions_of_the_locks() -> None:
    rows = list(read_rows())

    assert {row.library for row in rows} == set(MODULES)
    for row in rows:
        module, _ = MODULES[row.library]
        locked = read_javascript_lock() if module == JAVASCRIPT else read_lock(LOCKS[module])
        assert locked[row.package] == row.version, row
        names = ("mcp", "@modelcontextprotocol/client", "@modelcontextprotocol/sdk")
        assert row.sdk in ("its own", *(locked.get(name) for name in names)), row


def test_every_library_that_loses_something_is_in_the_first_table_with_its_format() -> None:
    formats = {(row.library, name) for row in read_rows() for name in row.formats}

    assert read_warned().keys() <= formats
