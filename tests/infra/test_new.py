import os
import runpy
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.authoring.testing import CallAs, provide
from infra.local.new import NameRefused, main, write_new, write_test
from infra.local.testing.server import PROJECT_SERVER, LocalServer
from tests.blocks import ROOT
from tests.packages import Write
from tests.rig import Rig
from tests.upgrade.copy import copy_repository

KINDS = ["tool", "prompt", "resource"]
SERVED = "`make dev` serves it as soon as it is saved"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for kind in KINDS:
        (tmp_path / "app" / f"{kind}s").mkdir(parents=True)
    return tmp_path / "app"


def test_a_new_tool_is_a_small_module_to_start_from(app: Path) -> None:
    file = write_new("tool", "list_orders", app)

    assert file == app / "tools" / "list_orders.py"
    assert (
        file.read_text()
        == '''\
"""List orders."""

from app.authoring import tool


@tool(title="List orders")
async def list_orders(text: str) -> str:
    """Say what the tool does: the model reads this line to decide when to call it."""
    return text
'''
    )


USES: dict[str, Callable[[Rig], Any]] = {
    "tool": lambda rig: rig.call("my_own_", {"text": "hello"})["content"][0]["text"],
    "prompt": lambda rig: rig.exchange("prompts/get", {"name": "my_own_", "arguments": {"topic": "hello"}}).text,
    "resource": lambda rig: rig.exchange("resources/read", {"uri": "my-own://hello"}).text,
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_served_as_it_is(kind: str, app: Path, write: Write) -> None:
    text = write_new(kind, "my_own_", app).read_text()

    rig = Rig(**{f"{kind}s": write(my_own_=text)})  # type: ignore[arg-type]
    assert "hello" in USES[kind](rig)
    listed = rig.exchange({"resource": "resources/templates/list"}.get(kind, f"{kind}s/list")).text
    assert '"title":"My own"' in listed


def test_the_test_beside_it_calls_it_as_a_person_does(tmp_path: Path) -> None:
    file = write_test("tool", "list_orders", tmp_path / "mine")

    assert file == tmp_path / "mine" / "test_list_orders.py"
    assert (
        file.read_text()
        == '''\
"""List orders, as callers meet it. docs/testing.md says what else a test can do."""

from app.authoring.testing import CallAs, as_user


def test_a_person_sees_and_calls_it(call_as: CallAs) -> None:
    caller = call_as(as_user())

    assert "list_orders" in caller.tools()
    assert caller.call("list_orders", text="a text") == "a text"
'''
    )


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_with_the_command_for_the_test_and_says_that_the_name_changed(
    kind: str, app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [main([kind, name], app, tmp_path / "mine") for name in ("SearchOrders", "plain")] == [0, 0]

    assert capsys.readouterr().out.splitlines()[1:] == [
        "'SearchOrders' became search_orders, because the name is that of a Python function too",
        "Run its test: .venv/bin/python -m pytest tests/mine/test_search_orders.py",
        f"app/{kind}s/plain.py is written, and its test tests/mine/test_plain.py; {SERVED}",
        "Run its test: .venv/bin/python -m pytest tests/mine/test_plain.py",
    ]


def test_a_test_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "test_hello.py").write_text("mine")

    assert write_test("tool", "hello", tmp_path) is None
    assert (tmp_path / "test_hello.py").read_text() == "mine"


@pytest.mark.parametrize("kind", KINDS)
def test_the_test_that_was_written_passes_as_it_is(
    kind: str, app: Path, write: Write, call_as: CallAs, project: LocalServer
) -> None:
    tool = write(my_own_=write_new(kind, "my_own_", app).read_text())
    provide(replace(project, compose=partial(project.compose, **{f"{kind}s": tool})).connect)
    file = write_test(kind, "my_own_", app.parent)
    assert file is not None

    (test,) = [each for name, each in runpy.run_path(str(file)).items() if name.startswith("test_")]
    test(call_as)


@pytest.fixture
def project() -> Iterator[LocalServer]:
    """The server of this project; what `client` uses is put back afterwards."""
    before = provide(None)
    yield PROJECT_SERVER
    provide(before)


@pytest.mark.broad
@pytest.mark.parametrize("kind", KINDS)
def test_make_writes_both_and_a_team_runs_the_test(kind: str, tmp_path: Path) -> None:
    copy = copy_repository(tmp_path / "copy")
    (copy / ".venv").symlink_to(ROOT / ".venv")
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    for command in (
        [".venv/bin/python", "-m", "infra.local.new", kind, "my-hello"],
        [".venv/bin/python", "-m", "pytest", "-q", "-n", "0", "tests/mine/test_my_hello.py"],
    ):
        ran = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout
    assert (copy / f"app/{kind}s/my_hello.py").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["", "1st", "a.b", "list/orders", "-list", "../x", "_hidden", "é", "x" * 65])
def test_a_name_that_cannot_be_one_is_refused(kind: str, name: str, app: Path) -> None:
    with pytest.raises(NameRefused, match=f"cannot name a {kind}; use lower-case letters, digits and _, such as "):
        write_new(kind, name, app)

    assert list(app.glob("*/*")) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["search-orders", "Search orders", "SearchOrders", " search - orders "])
def test_a_name_that_is_written_otherwise_becomes_a_functions_name(kind: str, name: str, app: Path) -> None:
    assert write_new(kind, name, app).name == "search_orders.py"


def test_a_keyword_is_refused_as_one(app: Path) -> None:
    with pytest.raises(NameRefused, match="'class' is a Python keyword and cannot name a function"):
        write_new("tool", "class", app)


def test_an_existing_one_is_left_as_it_is(app: Path) -> None:
    (app / "prompts" / "plan.py").write_text("mine")

    with pytest.raises(NameRefused, match=r"app/prompts/plan\.py exists already; choose another name"):
        write_new("prompt", "plan", app)

    assert (app / "prompts" / "plan.py").read_text() == "mine"


@pytest.mark.parametrize(
    ("kind", "example"), [("tool", "list_orders"), ("prompt", "plan_my_day"), ("resource", "handbook")]
)
def test_without_a_name_the_usage_is_shown(kind: str, example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert [main([kind]), main([kind, ""])] == [2, 2]
    assert capsys.readouterr().err.splitlines() == [f"usage: make new-{kind} NAME={example}"] * 2


def test_a_refusal_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tool", "1st"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "name"),
    [([], ""), (["NAME=hello"], "hello"), (["NAME=it's $(HOME)"], "it's $(HOME)")],
    ids=["shell", "given", "quotes"],
)
def test_the_name_is_the_one_of_makes_command_line_as_it_was_typed(
    arguments: list[str], name: str, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    own = {each: value for each, value in os.environ.items() if not each.startswith("MAKE")}

    # With -o nothing is installed: the environment counts as new enough.
    ran = subprocess.run(
        ["make", "--silent", "-o", ".venv/dev.stamp", "new-tool", f"BIN={tmp_path}", *arguments],
        cwd=ROOT,
        env={**own, "NAME": "my-laptop"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.splitlines() == ["-m", "infra.local.new", "tool", name]
