"""A client of the 2025 era can be asked nothing, unless mcp-remote stands between and speaks 2026-07-28 for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stack import Stack, running
from tests.e2e.test_mcp_remote import Bridge, bridged

pytestmark = pytest.mark.e2e
NOTE = "Call Charles"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


def delete(stack: Stack, home: Path, protocol: str, answer: dict[str, Any]) -> tuple[list[str], str]:
    """What the host's user was asked, and how the call ended."""
    header = ("--header", f"Authorization: Bearer {stack.token(user='ada@example.com')}")
    with bridged(stack, home, *header, "--protocol", protocol) as bridge:
        bridge.shake_hands(elicitation={})
        assert not bridge.ask("tools/call", name="keep_note", arguments={"note": NOTE})["isError"]
        return called(bridge, answer)


def called(bridge: Bridge, answer: dict[str, Any]) -> tuple[list[str], str]:
    asked = []
    bridge.send({"jsonrpc": "2.0", "id": "it", "method": "tools/call", "params": {"name": "delete_note"}})
    while (said := bridge.receive()).get("method") == "elicitation/create":
        asked.append(said["params"]["message"])
        bridge.send({"jsonrpc": "2.0", "id": said["id"], "result": answer})
    return asked, said["result"]["content"][0]["text"]


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ({"action": "accept", "content": {"really": True}}, "Your note is deleted."),
        ({"action": "decline"}, "The user was asked, and said no."),
    ],
    ids=["yes", "declined"],
)
def test_the_question_reaches_the_user_of_an_old_client(
    stack: Stack, tmp_path: Path, answer: dict[str, Any], end: str
) -> None:
    question = f'Delete your note "{NOTE}"? Nobody can bring it back.'

    assert delete(stack, tmp_path, "auto", answer) == ([question], end)


def test_without_that_the_old_client_is_told_so(stack: Stack, tmp_path: Path) -> None:
    asked, end = delete(stack, tmp_path, "legacy", {})

    assert asked == []
    assert "a question needs a session, which this server does not have" in end
