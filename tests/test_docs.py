"""What the documents claim is so: commands, code, answers, links, tables."""

import inspect
import json
import re
import subprocess
from dataclasses import fields
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app import authoring
from app.access.declaration import declare
from app.auth.refusals import Reason, Refusal
from app.authoring.tool import ATTRIBUTE
from tests.blocks import ROOT, blocks, script
from tests.packages import Write
from tests.rig import Rig

PAGES = [
    page
    for page in ROOT.glob("**/*.md")
    if not any(part.startswith(".") or part == "node_modules" for part in page.relative_to(ROOT).parts)
]

README = (ROOT / "README.md").read_text()


def targets() -> set[str]:
    files = [ROOT / "Makefile", *ROOT.glob("infra/*/*.mk")]
    return {name for file in files for name in re.findall(r"^([a-z0-9-]+):.*## ", file.read_text(), re.MULTILINE)}


@cache
def find_anchors(page: Path) -> frozenset[str]:
    """The headings of a page as GitHub writes them into a link."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    texts = (re.sub(r"\]\([^)]*\)", "", heading).lower() for heading in headings)
    return frozenset(re.sub(r"[^\w -]", "", text).replace(" ", "-") for text in texts)


def test_the_first_commands_are_the_two_that_a_newcomer_needs() -> None:
    assert [block.strip() for block in blocks("sh")[:2]] == ["make dev", "make test"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_command_of_the_documents_exists(page: Path) -> None:
    named = set(re.findall(r"`make (?:-s )?([a-z][a-z0-9-]*)", page.read_text()))
    run = {
        line.split()[1]
        for block in blocks("sh", str(page.relative_to(ROOT)))
        for line in block.splitlines()
        if line.startswith("make ")
    }

    assert named | run <= targets()


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(re.findall(r"^  make ([a-z0-9-]+)", shown, flags=re.MULTILINE)) == targets()
    assert {"dev", "test", "check", "lint", "lock", "token", "new-tool"} <= targets()


@pytest.fixture
def greet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A server with the README's tool in its folder."""
    code = script("app/tools/greet.py")
    folder = tmp_path / "readme_tools"
    folder.mkdir()
    (folder / "greet.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    return Rig(tools=import_module("readme_tools"))


def test_the_tool_of_the_readme_works_as_written(greet: Rig) -> None:
    assert greet.call("greet", {"name": "Ada"})["structuredContent"] == {
        "text": "Hello Ada",
        "organization_id": "org_01ACME",
    }
    assert greet.call("greet", {"name": " "})["content"][0]["text"] == "There is nobody to greet: name is empty."


def test_the_resource_of_the_readme_works_as_written(write: Write) -> None:
    code = script("app/resources/report_summary.py")
    rig = Rig(resources=write(report_summary=code))

    (read,) = rig.exchange("resources/read", {"uri": "summary://2026-q2"}).json["result"]["contents"]
    ref = {"type": "ref/resource", "uri": "summary://{quarter}"}
    asked = {"ref": ref, "argument": {"name": "quarter", "value": "2026-q"}}
    completed = rig.exchange("completion/complete", asked).json["result"]["completion"]["values"]
    assert read["text"] == "# 2026-q2 at org_01ACME"
    assert completed == ["2026-q1", "2026-q2", "2026-q3"]


@pytest.mark.parametrize("code", blocks("python", "docs/authorisation.md"), ids=lambda code: code.split("\n")[0])
def test_what_the_page_on_authorisation_shows_can_be_declared(code: str) -> None:
    words: dict[str, Any] = {**vars(authoring), "declare": declare, "Report": dict}

    if code.startswith("requires"):
        assert eval(f"declare({code})", words).scopes == ()  # noqa: S307 - the page is ours
    else:
        exec(code, words)  # noqa: S102 - the page is ours
        assert any(hasattr(value, ATTRIBUTE) for value in words.values())


def test_the_readme_names_every_field_of_a_session() -> None:
    (table,) = re.findall(r"^\| field \| meaning \|\n\|[-|]+\|\n((?:\|.*\n)+)", README, re.MULTILINE)
    named = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])]

    properties = [name for name, value in vars(authoring.Session).items() if isinstance(value, property)]
    assert named == [*(field.name for field in fields(authoring.Session)), *properties]


def test_the_picture_of_the_readme_names_files_and_rooms_that_exist() -> None:
    (picture,) = blocks("mermaid")
    named = re.findall(r"\bapp/[\w./]*\w", picture)

    assert {"app/handler.py", "app/http", "app/auth", "app/protocol"} <= set(named)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_challenge_of_the_readme_is_what_the_server_answers(rig: Rig) -> None:
    shown = json.loads(blocks("json")[0].replace("http://127.0.0.1:8000", rig.settings.base_url))

    assert rig.request().json == shown


def test_every_reason_has_a_row_with_its_answer() -> None:
    rows = re.findall(
        r"^\| `([a-z_]+)` \| (\d+) `([a-z_]+)` \|", (ROOT / "docs/refusals.md").read_text(), re.MULTILINE
    )
    answers = {(str(kind.status), kind.error) for kind in Refusal.__subclasses__()}

    assert [reason for reason, _, _ in rows] == [reason.value for reason in Reason]
    assert {(status, error) for _, status, error in rows} == answers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_path_of_the_documents_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[)#]", text) if "://" not in link]
    parts = re.findall(r"\]\(((?!\w+:)[^)#\s]*\.md|)#([^)\s]+)\)", text)
    named = re.findall(
        r"\b(?:app|infra|tests|docs)/[\w/.-]*\w", re.sub(r"```.*?```|https?://\S+", "", text, flags=re.DOTALL)
    )

    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [
        part for part in parts if part[1] not in find_anchors(page.parent / part[0] if part[0] else page)
    ] == []
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_ci_runs_the_readmes_test_command_first() -> None:
    commands = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line.startswith("make ")]

    assert commands[:3] == ["make test", "make check", "make test-all"]
    assert {command.split()[1] for command in commands} <= targets()


def test_every_call_in_the_readme_is_one_that_the_sdk_has() -> None:
    from app.workos.transport import connect

    client = connect("sk_test", "client_01").client
    calls = re.findall(r"`workos\.([a-z_]+)\.([a-z_]+)\((.*?)\)[`,]", (ROOT / "README.md").read_text())

    assert len(calls) == 9
    for area, method, arguments in calls:
        accepted = inspect.signature(getattr(getattr(client, area), method)).parameters
        assert set(re.findall(r"(\w+)=", arguments)) <= set(accepted), method


def test_no_two_decisions_have_one_number() -> None:
    numbers = [each.name[:4] for each in ROOT.joinpath("docs/decisions").glob("[0-9]*.md")]

    assert sorted(set(numbers)) == sorted(numbers)
