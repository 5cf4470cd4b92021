"""What docs/terminal.md shows is what the commands write."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.terminal import call
from infra.terminal.configuration.clients import CLIENTS
from infra.terminal.connect import list_clients
from tests.blocks import ROOT, blocks
from tests.e2e.stack import Stack, running
from tests.e2e.test_terminal_process import terminal
from tests.e2e.work_clients import COMMAND
from tests.infra.terminal.screens import make_screen

pytestmark = pytest.mark.e2e
PAGE = "docs/terminal.md"
QUESTION = "$ make call TOOL=delete_note\n"
ELSEWHERE = (QUESTION, COMMAND)
"""One has a test below, the other one takes half a minute and is in test_long_work.py."""
SHOWN = [block for block in blocks("text", PAGE) if block.startswith("$ make") and not block.startswith(ELSEWHERE)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


def run(command: str, stack: Stack, folder: Path) -> str:
    """What the command writes, with the server's address and the folder as the page has them."""
    own = {"TOKEN": stack.token(), "FOLDER": str(folder), "NO_PROXY": "*"}
    if "connect" not in command:
        own["URL"] = stack.mcp_url
    done = subprocess.run(
        shlex.split(command),
        cwd=ROOT,
        env={**os.environ, **own},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    shown = done.stdout.replace(stack.base_url, "http://127.0.0.1:8000").replace(f"{folder}/", "")
    return "\n".join(line for line in shown.splitlines() if not line.startswith("make: ***"))


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: block.splitlines()[0][2:30])
def test_the_commands_of_the_page_write_what_it_shows(stack: Stack, tmp_path: Path, block: str) -> None:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        written = run(command, stack, tmp_path)
        if command != "make list":
            assert written.strip() == expected.strip()
            continue
        # A team has another name and other tools beside these, so its first line and the number are its own.
        lines = [line for line in expected.splitlines()[1:] if line not in ("", "...") and "Tools (" not in line]
        assert [line for line in lines if line not in written.splitlines()] == [], written


def test_a_question_looks_as_on_the_page(stack: Stack, tmp_path: Path) -> None:
    (block,) = (each for each in blocks("text", PAGE) if each.startswith(QUESTION))
    token = stack.token()
    note = {"URL": stack.mcp_url, "TOKEN": token, "TOOL": "keep_note", "ARGS": '{"note":"milk"}'}
    call.main(note, make_screen().screen)

    with terminal(stack, tmp_path, "make", "call", "TOOL=delete_note", TOKEN=token) as opened:
        opened.read_until("(yes or no): ")
        opened.type("yes")
        opened.read_until("cancel: ")
        opened.type("y")
        opened.read_rest()

    assert opened.shown.replace("\r\n", "\n") == block.removeprefix(QUESTION)


def test_the_table_of_clients_is_complete() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \| `([^`]+)` \|", (ROOT / PAGE).read_text(), re.MULTILINE)
    listed = list_clients(Path(), {"HOME": "~"})

    assert [name for name, _, _ in rows] == list(CLIENTS)
    for name, title, file in rows:
        assert CLIENTS[name].title == title
        if name != "claude-desktop":
            assert re.search(rf"CLIENT={name} +{re.escape(title)} +{re.escape(file)}$", listed, re.MULTILINE), name
