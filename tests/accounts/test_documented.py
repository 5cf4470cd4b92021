"""docs/connected-accounts.md: its tools and tests work as written, and its figures and tables are the code's."""

import inspect
import re
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app.application import create_app
from app.authoring import Account
from app.authoring.account import MAX_REMINDERS
from app.authoring.account_http import MAX_ANSWER_BYTES, MAX_REQUEST_SECONDS
from app.authoring.testing import CallAs, provide
from app.workos.pipes import Connection
from app.workos.token_memory import EXPIRY_MARGIN_SECONDS, TOKEN_MEMORY_SECONDS
from infra.local.pipes.application import REVOCATION_HOOK
from infra.local.pipes.provider_tokens import ACCESS_TOKEN_SECONDS
from infra.local.testing.server import LocalServer
from tests.blocks import ROOT, blocks, script
from tests.packages import Write
from tests.team import FIXTURES

NAME = "docs/connected-accounts.md"
PAGE = ROOT.joinpath(NAME).read_text()
TOOLS = re.findall(r"^# (app/tools/.*\.py)$", PAGE, flags=re.MULTILINE)
TESTS = re.findall(r"^# (tests/mine/.*\.py)$", PAGE, flags=re.MULTILINE)


@pytest.fixture
def served(write: Write, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    files = {Path(file).stem: script(file, NAME) for file in TOOLS}
    tools = write(**files)
    for name in files:
        monkeypatch.setitem(sys.modules, f"app.tools.{name}", import_module(f"{tools.__name__}.{name}"))
    before = provide(LocalServer(FIXTURES / "seed.toml", partial(create_app, tools=tools)).connect)
    yield
    provide(before)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("file", TESTS)
def test_the_tests_of_the_page_pass(file: str, call_as: CallAs) -> None:
    words: dict[str, Any] = {}
    exec(script(file, NAME), words)  # noqa: S102 - the page is ours

    tests = [each for name, each in words.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test(**({"call_as": call_as} if inspect.signature(test).parameters else {}))


def test_every_block_is_run() -> None:
    assert [block.partition("\n")[0] for block in blocks("python", NAME)] == [
        f"# {file}" for file in (*TOOLS[:2], *TESTS)
    ]


def test_the_table_has_what_an_account_has() -> None:
    account = Account("github", "gho_1")
    table = PAGE.partition("## What the account has")[2].partition("\n\n`http` takes")[0]
    named = {
        name for cell in re.findall(r"^\| (.+?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)", cell)
    }

    public = {name for name in (*vars(account), *dir(Account)) if not name.startswith("_")}
    assert named == public - {"close"}


def test_the_list_has_what_a_connection_has() -> None:
    (sentence,) = re.findall(r"every provider of the dashboard with (.+?)\.", PAGE)

    assert set(re.findall(r"`(\w+)`", sentence)) == set(inspect.signature(Connection).parameters)


def test_the_figures_are_the_codes() -> None:
    assert (
        f"`http` takes at most {MAX_REQUEST_SECONDS:g} s for a request and {MAX_ANSWER_BYTES // 2**20} MiB" in PAGE
    )
    assert {TOKEN_MEMORY_SECONDS: "less than a minute ago"}[60.0] in PAGE
    assert f"it ends in more than {EXPIRY_MARGIN_SECONDS:g} s" in PAGE
    assert {3: "three times at most"}[MAX_REMINDERS] in PAGE
    assert {8 * 3600: "end after eight hours"}[ACCESS_TOKEN_SECONDS] in PAGE


def test_the_command_calls_the_hook_that_there_is() -> None:
    (command,) = blocks("sh", NAME)

    assert f"http://127.0.0.1:8001{REVOCATION_HOOK} " in command
