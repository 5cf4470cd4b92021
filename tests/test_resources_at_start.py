"""Prompts and resources that could not be served stop the start, with one line that names the file and the fix."""

from typing import Any

import pytest

from app.protocol.catalogue.definition import CatalogueError
from tests.packages import Write
from tests.rig import Rig

HEAD = """from typing import Annotated
from app.authoring import CurrentSession, Session
from app.authoring import Complete
from app.authoring import prompt
from app.authoring import resource

def nothing() -> list[str]: return []
def extra(prefix: str, other: str = "") -> list[str]: return []
def needy(prefix: str, b: str) -> list[str]: return []
def forging(prefix: str, b: Session | None = None) -> list[str]: return []
def needing(number: int) -> str: return ''
def unfilled(prefix: str, needed: Annotated[str, __import__("fastapi").Depends(needing)]) -> list[str]: return []

"""


def resource(uri: str, parameters: str = "", more: str = "") -> str:
    return f'{HEAD}@resource("{uri}"{more})\nasync def one({parameters}) -> str:\n    """O."""\n    return "x"\n'


def prompt(parameters: str) -> str:
    return f'{HEAD}@prompt()\nasync def one({parameters}) -> str:\n    """O."""\n    return "x"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            resource("about"),
            r"""resource one has 'about' for a URI; write "server://about" or "report://\{report_id}""",
        ),
        (resource("{a}", "a: str"), "has '{a}' for a URI"),
        (resource("x://a b"), "for a URI; write"),
        (resource("x://ä"), "for a URI; write"),
        (resource("x://{a", "a: str"), "has a URI template that cannot be served: Unclosed expression"),
        (resource("x://{a}{b}", "a: str, b: str"), "cannot be served: Variables 'a' and 'b' are adjacent"),
        (resource("x://{a}"), r"has \{a} in its URI; add a parameter of that name, or remove it"),
        (resource("x://{session}", "session: CurrentSession"), r"has \{session} in its URI; add a parameter"),
        (resource("x://y", "a: str"), r"has the parameter a; add \{a} to its URI, or \{\?a} if it may be absent"),
        (
            resource("x://y{?a}", "a: str"),
            "has a in its URI's query; give it a default, a client may leave it out",
        ),
        (resource("x://{a}", "a: Session"), "parameter a of resource one would let a caller say who they are"),
        (resource("x://{a}", "a"), "parameter a of resource one has no type; write a: str"),
        (resource("x://{a}", "a: type(lambda: 0)"), "resource one has a type that no schema can show"),
        (resource("x://y", more=", max_age=-1"), "cannot be imported: ValueError: max_age is a number of seconds"),
        (
            resource("x://y", more=', audit="z"'),
            "audit names z, which is not an argument of resource one; remove it",
        ),
        ("x = 1\n", r'has no resource; decorate its function with @resource\("name://...'),
    ],
)
def test_a_resource_that_no_client_could_read_stops_the_start(text: str, said: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match=said) as stopped:
        Rig(resources=write(one=text))
    assert "one.py: " in str(stopped.value)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (resource("x://y"), resource("x://y")),
        (resource("x://{a}", "a: str"), resource("x://{b}", "b: str")),
        (resource("x://y{?a}", "a: str = ''"), resource("x://y{?b}", "b: str = ''")),
    ],
)
def test_two_resources_of_one_uri_are_an_error_that_names_both(one: str, two: str, write: Write) -> None:
    package = write(one=one, two=two.replace("def one", "def two"))

    with pytest.raises(CatalogueError, match=r"two\.py: resource two has the URI of resource one in .*one\.py"):
        Rig(resources=package)


def test_resources_whose_uris_differ_are_served_side_by_side(write: Write) -> None:
    package = write(
        one=resource("x://{a}", "a: str"),
        two=resource("x://{a}/{b}", "a: str, b: str").replace("def one", "def two"),
        three=resource("x://{+a}", "a: str").replace("def one", "def three"),
        four=resource("y://{a}", "a: str").replace("def one", "def four"),
    )

    templates = Rig(resources=package).exchange("resources/templates/list").json["result"]["resourceTemplates"]

    assert [each["name"] for each in templates] == ["four", "one", "three", "two"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (prompt("a: Session"), "parameter a of prompt one would let a caller say who they are"),
        (prompt("a: list[CurrentSession]"), "parameter a of prompt one would let a caller say who they are"),
        (prompt("a"), "parameter a of prompt one has no type"),
        (prompt("*a: str"), "parameter a of prompt one cannot be a prompt argument"),
        (prompt("a: type(lambda: 0)"), "prompt one has a type that no schema can show"),
        (prompt("").replace('"""O."""', "pass"), "prompt one has no docstring"),
        ("x = 1\n", r"has no prompt; decorate its function with @prompt\(\)"),
        ("def broken(:\n", "cannot be imported: line 1: SyntaxError"),
        (
            prompt("b: str, a: Annotated[str, Complete(nothing)]"),
            "the completion of a in prompt one takes nothing; its first parameter is what was typed so far",
        ),
        (
            prompt("b: str, a: Annotated[str, Complete(extra)]"),
            "the completion of a in prompt one takes other, which is no argument there; rename or remove it",
        ),
        (
            prompt("b: str, a: Annotated[str, Complete(needy)]"),
            "the completion of a in prompt one takes b without a default; it may not be filled in yet",
        ),
        (
            prompt("b: str, a: Annotated[str, Complete(forging)]"),
            "completion one has a type that no schema can show: a Session comes from the access token alone",
        ),
        (
            prompt("a: Annotated[str, Complete(unfilled)]"),
            "a completion of one cannot be called: needing needs number, which nothing fills",
        ),
    ],
)
def test_a_prompt_that_could_not_be_called_stops_the_start(text: str, said: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match=said) as stopped:
        Rig(prompts=write(one=text))
    assert "one.py: " in str(stopped.value)


@pytest.mark.parametrize("kind", ["prompt", "resource"])
def test_a_name_in_two_files_is_an_error_that_names_both(kind: str, write: Write) -> None:
    one, two = (prompt(""), prompt("")) if kind == "prompt" else (resource("x://a"), resource("x://b"))

    folders: Any = {f"{kind}s": write(one=one, two=two)}

    with pytest.raises(CatalogueError, match=rf"two\.py: a {kind} named one is already in .*one\.py; rename"):
        Rig(**folders)


def test_a_requirement_that_nobody_meets_stops_the_start(write: Write) -> None:
    text = "from app.authoring import machine, role\n" + resource(
        "x://y", more=", requires=[machine(), role('a')]"
    )

    with pytest.raises(
        CatalogueError, match=r"one\.py: cannot be imported: DeclarationError: nobody can meet this"
    ):
        Rig(resources=write(one=text))


def test_a_file_whose_name_begins_with_an_underscore_is_passed_over(write: Write) -> None:
    rig = Rig(prompts=write(_shared="x = 1 / 0\n", one=prompt("")), resources=write(_shared="1 / 0"))

    assert [each["name"] for each in rig.exchange("prompts/list").json["result"]["prompts"]] == ["one"]
    assert rig.exchange("resources/list").status == 404
