"""The code of docs/results.md, served as it is written."""

import pytest

from tests.blocks import script
from tests.packages import Write
from tests.rig import ERAS, Rig

PAGE = "docs/results.md"


@pytest.fixture
def rig(write: Write) -> Rig:
    tools = {name: script(f"app/tools/{name}.py", PAGE) for name in ("draw_share", "next_id", "show_share")}
    return Rig(tools=write(**tools), resources=write(share_page=script("app/resources/share_page.py", PAGE)))


@pytest.mark.parametrize("version", ERAS)
def test_data_and_a_picture_come_in_one_result(version: str, rig: Rig) -> None:
    result = rig.call("draw_share", {"name": "Ada", "part": 0.5}, version=version)

    text, picture = result["content"]
    assert result["structuredContent"] == {"name": "Ada", "part": 0.5}
    assert text["text"] == "Ada has 50%."
    assert (picture["mimeType"], picture["annotations"]) == ("image/svg+xml", {"audience": ["user"]})


@pytest.mark.parametrize("version", ERAS)
def test_the_tool_is_shown_on_the_page(version: str, rig: Rig) -> None:
    tool = rig.exchange("tools/list", version=version).json["result"]["tools"][2]
    read = rig.exchange("resources/read", {"uri": tool["_meta"]["ui"]["resourceUri"]}, version=version)

    (page,) = read.json["result"]["contents"]
    assert page["text"].startswith("<!doctype html>")
    assert page["_meta"]["ui"]["csp"] == {"connectDomains": ["https://api.example.com"]}
    assert rig.call("show_share", {"part": 0.25}, version=version)["content"][0]["text"] == "It is 25%."


def test_a_number_that_javascript_would_round_arrives_as_it_was_sent(rig: Rig) -> None:
    result = rig.call("next_id", {"after": "9007199254740992"})

    assert result["structuredContent"] == {"result": "9007199254740993"}
