"""The folder is the registration: order, names, and an error for every file that cannot be served."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from app import tools
from app.catalogue import CatalogueError, collect_tools
from tests.rig import Rig

Write = Callable[..., ModuleType]
HEAD = "from app.tool import tool\n\n\n@tool()\n"


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Make a package of tool files; forget its modules afterwards."""
    sys.path.insert(0, str(tmp_path))
    name = f"catalogue_{abs(hash(str(tmp_path)))}"

    def make(**files: str) -> ModuleType:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "notes.txt").touch()
        for file, text in files.items():
            path = tmp_path / name / f"{file.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return import_module(name)

    yield make
    sys.path.remove(str(tmp_path))
    for module in [module for module in sys.modules if module.startswith(name)]:
        del sys.modules[module]


def test_the_shipped_tools_are_listed_in_order_of_their_names(rig: Rig) -> None:
    names = [tool["name"] for tool in rig.exchange("tools/list").json["result"]["tools"]]

    assert "whoami" in names
    assert names == sorted(names) == [definition.name for definition in collect_tools(tools)]


def test_a_new_file_is_a_new_tool(write: Write) -> None:
    package = write(
        zebra=HEAD + 'async def zebra(a: int) -> int:\n    """Z."""\n    return a\n',
        group__in__inner=HEAD + 'async def apple() -> str:\n    """A."""\n    return "a"\n',
        _shared="x = 1 / 0\n",
    )

    assert [definition.name for definition in collect_tools(package)] == ["apple", "zebra"]
    assert Rig(tools=package).call("zebra", {"a": 3})["structuredContent"] == {"result": 3}


def test_an_empty_folder_is_a_server_without_tools(write: Write) -> None:
    assert Rig(tools=write()).exchange("tools/list").json["result"]["tools"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", r"one\.py: has no tool; decorate its function with @tool\(\)"),
        ("def broken(:\n", r"one\.py: cannot be imported: line 1: SyntaxError"),
        ("import no_such_module\n", r"one\.py: cannot be imported: ModuleNotFoundError: No module named 'no_such"),
        ("1 / 0\n", r"one\.py: cannot be imported: ZeroDivisionError"),
        (HEAD + "async def one(a: int) -> int:\n    return a\n", r"one\.py: tool one has no docstring; say what"),
        (
            HEAD + 'async def one(a) -> int:\n    """O."""\n    return a\n',
            r"parameter a of tool one has no type; wr",
        ),
        (
            HEAD + 'async def one(*a: int) -> int:\n    """O."""\n    return 1\n',
            r"parameter a of tool one cannot be",
        ),
        (
            HEAD + 'async def one(a: int, /) -> int:\n    """O."""\n    return a\n',
            r"parameter a of tool one cannot b",
        ),
        (
            HEAD + 'async def one(a: "Nope") -> int:\n    """O."""\n    return a\n',
            r"the types of tool one cannot be",
        ),
    ],
)
def test_a_file_that_cannot_be_served_stops_the_start_and_is_named(text: str, said: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match=said):
        collect_tools(write(one=text))


def test_a_name_in_two_files_is_an_error_that_names_both(write: Write) -> None:
    same = HEAD + 'async def same() -> int:\n    """S."""\n    return 1\n'

    with pytest.raises(CatalogueError, match=r"two\.py: a tool named same is already in .*one\.py; rename"):
        collect_tools(write(one=same, two=same))
