"""docs/connected-accounts.md: its tools and tests work as written, and its figures and tables are the code's."""

import inspect
import re
from collections.abc import Iterator

import pytest

from app.authoring import Account
from app.authoring.account import MAX_REMINDERS
from app.authoring.account_http import MAX_ANSWER_BYTES, MAX_REQUEST_SECONDS
from app.authoring.testing import CallAs
from app.workos.pipes import Connection
from app.workos.token_memory import EXPIRY_MARGIN_SECONDS, TOKEN_MEMORY_SECONDS
from infra.local.pipes.application import REVOCATION_HOOK
from infra.local.pipes.provider_tokens import ACCESS_TOKEN_SECONDS
from tests.blocks import blocks
from tests.documented_tools import Page
from tests.packages import Write

DOCUMENT = Page("docs/connected-accounts.md")
PAGE = DOCUMENT.text


@pytest.fixture
def served(write: Write, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with DOCUMENT.serve(write, monkeypatch):
        yield


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("file", DOCUMENT.tests)
def test_the_tests_of_the_page_pass(file: str, call_as: CallAs) -> None:
    DOCUMENT.run_tests(file, call_as)


def test_every_block_is_run() -> None:
    assert [block.partition("\n")[0] for block in blocks("python", DOCUMENT.name)] == [
        f"# {file}" for file in (*DOCUMENT.tools[:2], *DOCUMENT.tests)
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
    (command,) = blocks("sh", DOCUMENT.name)

    assert f"http://127.0.0.1:8001{REVOCATION_HOOK} " in command
