"""docs/provision.md: its steps, variables, errors and plan are those of the command."""

import re
from pathlib import Path

import pytest

from infra.operator.provision import STEPS, main
from infra.operator.web import Answer
from infra.operator.workos_api import _refused
from tests.blocks import ROOT, blocks
from tests.deploy.test_operate_page import targets
from tests.infra.operator.empty_workos import EmptyWorkOS

PAGE = "docs/provision.md"
TEXT = (ROOT / PAGE).read_text()
COMMANDS = [line for block in blocks("sh", PAGE) for line in block.splitlines()]


def rows(heading: str) -> list[str]:
    """The first cells of the table below a heading."""
    (table,) = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    return [line.strip("|").split(" | ")[0].strip() for line in table.splitlines()]


def test_the_table_has_every_step_in_order() -> None:
    assert rows("step") == [f"`{each}`" for each in STEPS]


def test_each_variable_of_the_page_is_one_that_the_command_reads() -> None:
    source = (ROOT / "infra/operator/provision.py").read_text() + targets()["provision"]
    used = {name for line in COMMANDS for name in re.findall(r"(?<![\w\"])([A-Z_]{3,})=", line)}

    assert {"STAGE", "URL", "APPLY", "ONLY", "SKIP", "MACHINE", "ORG", "SECRET_FILE", "AUDIT_LOG_ACTIONS"} <= used
    assert [name for name in used if name not in source] == []
    assert all(line.startswith("make provision ") for line in COMMANDS)


def test_the_steps_that_the_page_leaves_out_or_chooses_exist() -> None:
    named = [
        word
        for line in COMMANDS
        for group in re.findall(r"(?:ONLY|SKIP)=(\S+)", line)
        for word in group.split(",")
    ]

    assert named
    assert set(named) <= set(STEPS)


@pytest.mark.parametrize(("status", "place"), [(401, 0), (403, 1), (429, 2), (404, 3)])
def test_the_errors_of_the_page_are_those_of_the_command(status: int, place: int) -> None:
    said = str(_refused("GET /x", Answer(status, {}, b"{}", 0.0, 0.0)))
    words = re.sub(r"`([^`]*)`.*", r"\1", rows("you see")[place]).partition(" ...")[0]

    assert said.startswith(words)


def test_the_plan_of_the_page_is_what_the_command_prints(workos: EmptyWorkOS, tmp_path: Path) -> None:
    workos.capture.readouterr()
    given = {
        **workos.environment,
        "URL": "https://mcp.example.com",
        "WORKOS_AUTHKIT_DOMAIN": workos.stack.authkit_url,
        "AUDIT_LOG_ACTION": "mcp.tool_called",
        "ALLOWED_ORIGINS": "https://app.example.com",
    }
    assert main(given) == 0

    [shown] = re.findall(r"^```\n(WorkOS: dry run\n.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert workos.capture.readouterr().out.strip() == shown.strip()


def test_the_command_for_the_local_stack_shows_a_plan(workos: EmptyWorkOS) -> None:
    [given] = re.findall(r"^`(WORKOS_BASE_URL=.*) make provision (URL=.*)`\.$", TEXT, re.MULTILINE)
    variables = dict(each.split("=", 1) for each in " ".join(given).split())
    assert (variables["URL"], variables.pop("WORKOS_BASE_URL")) == (
        "http://127.0.0.1:8000/mcp",
        "http://127.0.0.1:8001",
    )
    workos.capture.readouterr()

    status = main({**variables, "WORKOS_BASE_URL": workos.stack.authkit_url})

    assert status == 0
    assert "+ http://127.0.0.1:8000/mcp as the default" in workos.capture.readouterr().out


def test_the_readme_says_which_steps_a_person_has_to_click() -> None:
    section = (ROOT / "README.md").read_text().partition("## Set up WorkOS")[2].partition("\n## ")[0]
    steps = dict(re.findall(r"^(\d)\. (.*)", section, re.MULTILINE))

    assert "steps 1, 2 and 4 are yours to click" in section
    assert [number for number, text in steps.items() if "`make provision`" not in text] == ["1", "2", "4"]
