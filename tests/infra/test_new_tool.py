from pathlib import Path

import pytest

from infra.local.new_tool import ToolRefused, main, write_tool


def test_a_new_tool_is_a_small_module_to_start_from(tmp_path: Path) -> None:
    file = write_tool("list_orders", tmp_path)

    assert file == tmp_path / "list_orders.py"
    assert (
        file.read_text()
        == '''\
"""List orders."""

from app.tool import tool


@tool(title="List orders", read_only=True)
async def list_orders(text: str) -> str:
    """Say what the tool does: the model reads this line to decide when to call it."""
    return text
'''
    )


@pytest.mark.parametrize("name", ["", "List", "list-orders", "1st", "a.b", "../x", "_hidden", "é", "x" * 65])
def test_a_name_that_cannot_be_a_tools_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ToolRefused, match="is no tool name; use lower-case letters, digits and _"):
        write_tool(name, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_keyword_is_refused_as_one(tmp_path: Path) -> None:
    with pytest.raises(ToolRefused, match="'class' is a Python keyword and cannot name a function"):
        write_tool("class", tmp_path)


def test_an_existing_tool_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "whoami.py").write_text("mine")

    with pytest.raises(ToolRefused, match=r"app/tools/whoami\.py exists already; choose another name"):
        write_tool("whoami", tmp_path)

    assert (tmp_path / "whoami.py").read_text() == "mine"


def test_without_a_name_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert [main([]), main([""])] == [2, 2]
    assert capsys.readouterr().err.splitlines() == ["usage: make new-tool NAME=list_orders"] * 2


def test_a_refusal_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["No"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
