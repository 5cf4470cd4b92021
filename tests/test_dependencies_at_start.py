"""A dependency that could never be filled stops the start, with the function, the parameter and the fix."""

import pytest

from app.protocol.catalogue.catalogue import collect_tools
from app.protocol.catalogue.definition import CatalogueError
from tests.packages import Write

HEAD = """
from abc import ABC, abstractmethod
from functools import partial
from typing import Annotated, Any
from fastapi import Body, Depends, Header, Query, Request
from app.authoring import CurrentSession, Session, check, tool

def needs(number: int) -> int: return number
def untyped(number) -> int: return 1
def itself(other: "Annotated[int, Depends(itself)]") -> int: return other
def unknown(other: "Nowhere") -> int: return 1
def takes_request(request: Request) -> int: return 1
def takes_query(limit: Annotated[int, Query()] = 3) -> int: return limit
def takes_header(accept: str = Header()) -> int: return 1
def takes_body(body: Annotated[dict, Body()]) -> int: return 1
def by_place(session: CurrentSession, /) -> int: return 1
def below(value: Annotated[int, Depends(needs)]) -> int: return value
async def yields(number: int):
    yield number
class Thing:
    def __init__(self, place: str, session: CurrentSession) -> None: ...
class Callable:
    def __call__(self, number: int) -> int: return number
class Abstract(ABC):
    @abstractmethod
    def run(self) -> None: ...
NUMBER: Any = 3
"""
TOOL = """
@tool()
async def one(value: {parameter}) -> int:
    "O."
    return 1
"""


@pytest.mark.parametrize(
    ("dependency", "problem"),
    [
        (
            "needs",
            r"needs needs number, which nothing fills; give it a default, or write number: Annotated",
        ),
        ("untyped", "untyped needs number, which nothing fills"),
        ("below", "needs needs number, which nothing fills"),
        ("yields", "yields needs number, which nothing fills"),
        ("Thing", "Thing needs place, which nothing fills"),
        ("Callable()", "the Callable needs number, which nothing fills"),
        ("partial(needs)", "the partial of needs needs number, which nothing fills"),
        ("itself", "itself depends on itself; remove one of its dependencies"),
        ("unknown", "the parameters of unknown cannot be read: name 'Nowhere' is not defined"),
        ("takes_request", "takes_request needs request, FastAPI's Request; write request: CurrentRequest"),
        (
            "takes_query",
            "takes_query needs limit as a Query of a FastAPI route, which a tool is not; for a header take",
        ),
        ("takes_header", "takes_header needs accept as a Header of a FastAPI route"),
        ("takes_body", "takes_body needs body as a Body of a FastAPI route"),
        ("by_place", "by_place takes session, which has to be filled by its name; remove the"),
        ("Abstract", r"Abstract is abstract; name the class that implements it in Depends\(...\)"),
        ("NUMBER", r"Depends needs a function, such as Depends\(get_tenant\), and got 3"),
        ("", "Depends needs a function, such as .*, or a class of yours as the type"),
    ],
)
def test_a_dependency_that_can_never_be_filled_stops_the_start(
    dependency: str, problem: str, write: Write
) -> None:
    code = HEAD + TOOL.format(parameter=f"Annotated[int, Depends({dependency})]")

    with pytest.raises(CatalogueError, match=f"tool one cannot be called: {problem}"):
        collect_tools(write(one=code))


@pytest.mark.parametrize(
    "parameter", ["Annotated[Any, Depends()]", "Annotated['str | None', Depends()]", "int = Depends()"]
)
def test_a_type_that_is_not_a_class_of_the_authors_makes_nothing(parameter: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match="or a class of yours as the type"):
        collect_tools(write(one=HEAD + TOOL.format(parameter=parameter)))


def test_a_tool_names_its_own_injected_parameters_too(write: Write) -> None:
    code = HEAD + "@tool()\nasync def one(session: CurrentSession, /) -> int:\n    'O.'\n    return 1\n"

    with pytest.raises(CatalogueError, match="one takes session, which has to be filled by its name"):
        collect_tools(write(one=code))


def test_a_dependency_of_a_check_is_named_with_the_check(write: Write) -> None:
    code = (
        f"{HEAD}async def may(value: Annotated[int, Depends(needs)]) -> bool: return True\n"
        "@tool(requires=check(may, needs='luck'))\nasync def one() -> int:\n    'O.'\n    return 1\n"
    )

    with pytest.raises(CatalogueError, match="requires may, which cannot be called: needs needs number"):
        collect_tools(write(one=code))
