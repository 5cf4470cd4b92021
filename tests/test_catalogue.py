"""The folder is the registration: order, names, and an error for every file that cannot be served."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from app.protocol.catalogue.catalogue import collect_prompts, collect_tools
from app.protocol.catalogue.definition import CatalogueError
from tests.packages import Write
from tests.rig import EXAMPLES, Rig

HEAD = "from app.authoring import tool\n\n\n@tool()\n"


def test_tools_of_several_folders_are_collected_in_order_of_their_names() -> None:
    listed = [tool["name"] for tool in Rig.with_examples().exchange("tools/list").json["result"]["tools"]]
    names = [definition.name for definition in collect_tools(*EXAMPLES)]

    assert "whoami" in listed
    assert (listed, names) == (sorted(listed), sorted(names))
    assert set(listed) - {"get_result", "cancel_work"} <= set(names)


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
        ("import no_such.part\n", r"if no_such is a package, add the name .* to team .* in pyproject.* make lock"),
        ("import app.no_such_module\n", r"No module named 'app\.no_such_module'$"),
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


@pytest.mark.parametrize("name", ["größe", "x" * 65])
def test_a_tool_whose_name_models_refuse_stops_the_start(name: str, write: Write) -> None:
    with pytest.raises(
        CatalogueError, match=rf"one\.py: tool {name} has a name that the APIs of models refuse; rename"
    ):
        collect_tools(write(one=HEAD + f'async def {name}() -> int:\n    """O."""\n    return 1\n'))


def test_a_tool_without_a_name_stops_the_start(write: Write) -> None:
    with pytest.raises(CatalogueError, match=r"one\.py: tool <lambda> has a name that the APIs of models refuse"):
        collect_tools(write(one="from app.authoring import tool\n\none = tool()(lambda: 1)\n"))


def test_models_that_share_models_are_looked_into_once(write: Write) -> None:
    models = "".join(f"class M{n}(BaseModel):\n    a: M{n - 1}\n    b: M{n - 1}\n" for n in range(1, 60))
    text = "from pydantic import BaseModel\nclass M0(BaseModel):\n    x: int = 1\n" + models + HEAD

    assert len(collect_tools(write(one=text + 'async def one(a: M59) -> int:\n    """O."""\n    return 1\n'))) == 1


def test_what_annotated_adds_may_be_anything(write: Write) -> None:
    text = "from typing import Annotated\n" + HEAD

    assert collect_tools(
        write(one=text + 'async def one(a: Annotated[int, {"b": []}]) -> int:\n    """O."""\n    return 1\n')
    )


def test_an_audited_parameter_that_does_not_exist_stops_the_start(write: Write) -> None:
    text = 'from app.authoring import prompt\n\n@prompt(audit="b")\nasync def one(a: str) -> str:\n    """O."""\n'

    with pytest.raises(CatalogueError, match=r"one\.py: audit names b, which is not an argument of prompt one"):
        collect_prompts(write(one=text))


def test_a_name_in_two_files_is_an_error_that_names_both(write: Write) -> None:
    same = HEAD + 'async def same() -> int:\n    """S."""\n    return 1\n'

    with pytest.raises(CatalogueError, match=r"two\.py: a tool named same is already in .*one\.py; rename"):
        collect_tools(write(one=same, two=same))


FORGEABLE = """
from dataclasses import dataclass
from typing import Annotated, Any
from fastapi import Depends
from pydantic import BaseModel
from app.authoring import CurrentSession, Session
from app.authoring import CurrentUser, WorkOS
from app.authoring import tool

@dataclass
class Around:
    sessions: list[Session]

class Again(BaseModel):
    again: "Again | None" = None

@tool()
async def one(given: {hint}) -> str:
    \"\"\"O.\"\"\"
    return "x"
"""


@pytest.mark.parametrize(
    "hint",
    [
        "Session",
        "Session | None",
        "list[Session]",
        "CurrentSession | None",
        "CurrentUser | None",
        "dict[str, WorkOS]",
        "Around",
        "list[Around] | None",
    ],
)
def test_no_argument_can_say_who_the_caller_is(hint: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match="parameter given of tool one would let a caller say who they are"):
        collect_tools(write(one=FORGEABLE.replace("{hint}", hint)))


@pytest.mark.parametrize("hint", ["Again", "CurrentSession", "Any", "list[dict[str, int]]"])
def test_other_types_are_arguments_or_injected(hint: str, write: Write) -> None:
    assert len(collect_tools(write(one=FORGEABLE.replace("{hint}", hint)))) == 1


@pytest.mark.parametrize(
    "holder",
    [
        "from typing import NamedTuple\nclass Holder(NamedTuple):\n    session: Session\n",
        "from typing_extensions import TypedDict\nclass Holder(TypedDict):\n    session: Session\n",
        "from pydantic import BaseModel\nclass Holder(BaseModel):\n    session: Session\n",
        "class Holder(Session):\n    pass\n",
    ],
)
def test_no_type_that_hides_a_session_becomes_an_argument(holder: str, write: Write) -> None:
    text = f"from app.authoring import Session\n{holder}\n{HEAD}"
    text += 'async def one(given: Holder) -> str:\n    """O."""\n    return "x"\n'

    with pytest.raises(CatalogueError, match="a Session comes from the access token alone"):
        Rig(tools=write(one=text))


def test_security_scopes_that_nobody_would_check_stop_the_start(write: Write) -> None:
    text = "from fastapi import Security\nfrom app.authoring import Session, get_session\n" + HEAD
    text += (
        'async def one(s: Session = Security(get_session, scopes=["a"])) -> str:\n    """O."""\n    return "x"\n'
    )

    with pytest.raises(CatalogueError, match="Security scopes are not checked here; use Depends"):
        collect_tools(write(one=text))


@pytest.mark.parametrize(("kind", "collect"), [("tool", collect_tools), ("prompt", collect_prompts)])
def test_a_decorator_without_its_parentheses_says_so(
    kind: str, collect: Callable[[ModuleType], Any], write: Write
) -> None:
    text = f'from app.authoring import {kind}\n\n@{kind}\nasync def one() -> str:\n    """O."""\n    return "x"\n'

    with pytest.raises(CatalogueError, match=rf"one\.py: cannot be imported: TypeError: write @{kind}\(\), with"):
        collect(write(one=text))
