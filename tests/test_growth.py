"""What a call costs depends neither on the number of tools, nor on its token's length, nor on the past.

Nothing is timed: work is counted (tests/work.py). `make bench` has the milliseconds.
"""

import gc
import tracemalloc
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

import pytest

from tests.events import http_api
from tests.packages import Write
from tests.rig import ERAS, Rig, message
from tests.work import calls, peak

pytestmark = pytest.mark.broad

FEW, MANY = 2, 300
_NUMBERS = count(1000)
_HEAD = '''"""Tools."""
from app.authoring import permission
from app.authoring import tool
'''
_TOOL = '''
@tool(title="Tool {number}", read_only=True{requires})
async def tool_{number}(text: str, times: int = 1, exact: bool = False) -> str:
    """Say it a number of times, as often as it takes."""
    return text * times
'''
CALL = {"name": "tool_1", "arguments": {"text": "a"}}

Rigs = Callable[..., Rig]


@pytest.fixture
def rigs(write: Write) -> Rigs:
    """A warm environment with this many tools."""

    def make(tools: int, *, guarded: bool = False) -> Rig:
        requires = ', requires=permission("may:{number}")' if guarded else ""
        text = "".join(
            _TOOL.format(number=number, requires=requires.format(number=number)) for number in range(tools)
        )
        return Rig(tools=write(tools=_HEAD + text))

    return make


def warm(
    rig: Rig, method: str, params: dict[str, Any], version: str, *, first: int = 999, **claims: Any
) -> Callable[[], object]:
    """What sends such an exchange once more, with a token that nobody sent before: the one with that number."""
    headers, body = message(method, params, version)

    def event(number: int) -> dict[str, Any]:
        token = rig.issuer.token(**{"jti": f"{number:06}", **claims})
        return http_api(headers={**headers, "authorization": f"Bearer {token}"}, body=body)

    for number in range(5):
        assert rig.handler(event(number), None)["statusCode"] == 200
    new = event(first)
    return lambda: rig.handler(new, None)


def about(steps: Any) -> Any:
    """The same but for a few: a cache that is full puts something out."""
    return pytest.approx(steps, rel=0.02)


def steps(rig: Rig, method: str, params: dict[str, Any], version: str, **claims: Any) -> tuple[int, int]:
    """Of a warm exchange: with a new token, and with the same token again.

    The least of three: the loop may have to clear away what other tests in this process have left on it.
    """
    counted = []
    for _ in range(3):
        send = warm(rig, method, params, version, first=next(_NUMBERS), **claims)
        counted.append((calls(send), calls(send)))
    new, again = zip(*counted, strict=True)
    return min(new), min(again)


@pytest.mark.parametrize("version", ERAS)
def test_a_call_takes_as_many_steps_whether_there_are_two_tools_or_hundreds(rigs: Rigs, version: str) -> None:
    few, many = (steps(rigs(tools), "tools/call", CALL, version) for tools in (FEW, MANY))

    assert many == about(few)


@pytest.mark.parametrize("version", ERAS)
def test_a_call_takes_as_much_memory_whether_there_are_two_tools_or_hundreds(rigs: Rigs, version: str) -> None:
    few, many = (peak(warm(rigs(tools), "tools/call", CALL, version)) for tools in (FEW, MANY))

    assert many < few * 1.1


@pytest.mark.parametrize("version", ERAS)
def test_a_call_takes_one_step_more_for_each_character_of_its_token(rigs: Rigs, version: str) -> None:
    rig, more = rigs(FEW), 4800

    short, long = (steps(rig, "tools/call", CALL, version, note="a" * length) for length in (1, 1 + more))

    # PyJWT looks at each character of the token; base64 makes four of three.
    assert long <= tuple(each * 1.02 + more * 4 / 3 for each in short)


@pytest.mark.parametrize("version", ERAS)
def test_a_call_takes_as_many_steps_in_an_environment_that_has_served_a_thousand(rigs: Rigs, version: str) -> None:
    rig = rigs(FEW)
    young = steps(rig, "tools/call", CALL, version)

    for number in range(1000):
        rig.exchange("tools/call", CALL, version=ERAS[number % 2], token=_token(rig, number))

    assert steps(rig, "tools/call", CALL, version, sub="user_LATE") == about(young)


def _token(rig: Rig, number: int) -> str:
    """Good ones, new and old, and bad ones."""
    return rig.issuer.token(sub=f"user_{number % 600}") if number % 3 else f"{number}"


@pytest.mark.parametrize("version", ERAS)
def test_a_list_that_was_made_before_takes_as_many_steps_for_hundreds_of_tools(rigs: Rigs, version: str) -> None:
    few, many = (steps(rigs(tools), "tools/list", {}, version) for tools in (FEW, MANY))

    # What is left grows with the bytes of the answer, which nothing goes through one tool at a time.
    assert many == about(few)


@pytest.mark.parametrize("version", ERAS)
def test_a_list_that_was_made_before_takes_the_memory_of_its_answer(rigs: Rigs, version: str) -> None:
    rig = rigs(MANY)
    send = warm(rig, "tools/list", {}, version)
    length = len(rig.exchange("tools/list", version=version).text)

    # The SDK's copy of the entries, the text and its bytes, and both once more on the way through Mangum.
    assert peak(send) < length * 9


@pytest.mark.parametrize("version", ERAS)
def test_a_list_is_not_made_anew_for_a_caller_whose_permissions_somebody_had_before(
    rigs: Rigs, version: str
) -> None:
    rig = rigs(100, guarded=True)
    again = steps(rig, "tools/list", {}, version, permissions=["may:1", "may:2"])

    for number in range(3, 40):  # fewer sets than are remembered
        rig.exchange("tools/list", version=version, token=rig.issuer.token(permissions=[f"may:{number}"]))

    assert steps(rig, "tools/list", {}, version, permissions=["may:1", "may:2"], sub="user_LATE") == about(again)


def test_lists_for_ever_new_sets_of_permissions_do_not_add_up(rigs: Rigs) -> None:
    rig, drawn = rigs(40, guarded=True), Random(7)  # noqa: S311 - no secret

    def held_after(lists: int) -> int:
        for number in range(lists):
            held = [f"may:{number}" for number in range(40) if drawn.random() < 0.5]
            token = rig.issuer.token(permissions=held, jti=f"{number:06}")
            assert rig.exchange("tools/list", token=token).status == 200
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        full = held_after(300)  # more lists than are remembered
        assert held_after(200) < full * 1.05
    finally:
        tracemalloc.stop()
