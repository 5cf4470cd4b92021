"""What `make call` shows of a result, and which files it writes."""

import base64
import json
import shlex
from pathlib import Path

import pytest
from mcp_types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent

from infra.terminal.call import describe_unknown
from infra.terminal.command import TerminalError
from infra.terminal.result import Files, show_result
from tests.infra.terminal.screens import make_screen

PIXEL = base64.b64encode(b"\x89PNG").decode()
IMAGE = ImageContent(type="image", data=PIXEL, mime_type="image/png")


def text(words: str) -> ContentBlock:
    return TextContent(type="text", text=words)


def test_a_structured_result_is_shown_once_and_indented() -> None:
    seen = make_screen()
    result = CallToolResult(content=[text('{"day": "Ünday"}')], structured_content={"day": "Ünday"})

    assert show_result(result, seen.screen, Files("", "t")) == 0
    assert seen.out == '{\n  "day": "Ünday"\n}\n'


def test_a_text_beside_a_structured_result_is_shown_too() -> None:
    seen = make_screen()
    show_result(
        CallToolResult(content=[text("Two reports")], structured_content={"count": 2}), seen.screen, Files("", "t")
    )

    assert seen.out == 'Two reports\n{\n  "count": 2\n}\n'


def test_a_plain_text_is_shown_as_it_is() -> None:
    seen = make_screen()
    content = [text("one\ntwo"), IMAGE]
    show_result(
        CallToolResult(content=content, structured_content={"result": "one\ntwo"}), seen.screen, Files("", "t")
    )

    assert seen.out.startswith("one\ntwo\n[image")
    assert "result" not in seen.out


@pytest.mark.parametrize("value", [5, ["a"], None, {"a": 1}], ids=repr)
def test_another_plain_value_is_shown_once(value: object) -> None:
    seen = make_screen()
    result = CallToolResult(content=[text(json.dumps(value))], structured_content={"result": value})
    show_result(result, seen.screen, Files("", "t"))

    assert json.loads(seen.out) == {"result": value}


def test_an_error_goes_to_standard_error_and_into_the_exit_status() -> None:
    seen = make_screen()

    assert show_result(CallToolResult(content=[text("No.")], is_error=True), seen.screen, Files("", "t")) == 1
    assert (seen.out, seen.err) == ("", "The tool reports an error:\nNo.\n")


def test_a_text_cannot_steer_the_terminal() -> None:
    seen = make_screen()
    show_result(CallToolResult(content=[text("a\x1b[2Jb\nc\x07")]), seen.screen, Files("", "t"))

    assert seen.out == "a [2Jb\nc \n"


def test_the_command_for_a_link_can_be_pasted_into_a_shell() -> None:
    seen = make_screen()
    link = ResourceLink(type="resource_link", uri="a://`id`;$(id)'", name="about")

    show_result(CallToolResult(content=[link]), seen.screen, Files("", "t"))

    assert shlex.split(seen.out.partition(": ")[2].rstrip("]\n")) == ["make", "read", f"RESOURCE={link.uri}"]


def test_bytes_and_links_are_named() -> None:
    seen = make_screen()
    link = ResourceLink(type="resource_link", uri="server://about", name="about")
    broken = ImageContent(type="image", data="?", mime_type="image/png")
    show_result(CallToolResult(content=[IMAGE, link, broken]), seen.screen, Files("", "t"))

    assert seen.out.splitlines() == [
        "[image, image/png, 4 bytes: SAVE=folder writes it to a file]",
        "[resource server://about: make read RESOURCE=server://about]",
        "[image, image/png, and its data is not base64]",
    ]


def test_saved_bytes_replace_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    for _ in range(2):
        show_result(CallToolResult(content=[IMAGE]), make_screen().screen, Files(str(folder), "../a chart"))

    assert sorted(each.name for each in folder.iterdir()) == ["---a-chart-1.png", "---a-chart-2.png"]
    assert folder.joinpath("---a-chart-1.png").read_bytes() == b"\x89PNG"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(TerminalError, match=r"SAVE=.*/file: "):
        Files(str(file), "t").describe("image", "image/png", PIXEL)


def test_an_unknown_tool_is_answered_with_near_names() -> None:
    names = ["whoami", "list_reports", "list_members"]

    assert describe_unknown("whoam", names).endswith("Did you mean whoami?")
    assert describe_unknown("reports", names).endswith("Did you mean list_reports?")
    assert describe_unknown("xyz", names).endswith("`make list` shows them.")
    assert "\x1b" not in describe_unknown("whoami", ["whoami\x1b[2J"])
