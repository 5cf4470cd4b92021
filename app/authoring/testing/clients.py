"""`client`: an MCP client for a caller. What answers it is provided from outside of app/."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeAlias

from pydantic import BaseModel

from app.authoring.ask import Cannot
from app.authoring.testing.caller import BlockingCaller, Caller
from app.authoring.testing.who import Who

ProtocolVersion: TypeAlias = Literal["2026-07-28", "2025-11-25"]
Overrides: TypeAlias = Mapping[Callable[..., Any], Callable[..., Any]]
"""From a dependency, the function in `Depends(...)`, to what takes its place."""
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
NO_OVERRIDES: Overrides = MappingProxyType({})
Reply: TypeAlias = BaseModel | Mapping[str, Any] | Exception
"""What the user does with a question: fill the form in, or not, with `Declined(...)` or `Cancelled(...)`."""
Answers: TypeAlias = Sequence[Reply] | Mapping[str, Reply] | Callable[[str], Reply | None] | Cannot
"""Replies in the order of the questions, or by a part of the question's text, or a function of that text.

With `CANNOT` the client cannot ask its user, and gets the `otherwise` of each question.
"""


class NoProvider(RuntimeError):
    """Nothing answers the calls: outside of this repository's tests, say."""


class Connect(Protocol):
    """What makes a client for a caller: a server in this process, with its own WorkOS and its own AuthKit keys."""

    def __call__(
        self,
        who: Who,
        *,
        answers: Answers,
        protocol: ProtocolVersion,
        settings: Mapping[str, str],
        overrides: Overrides,
    ) -> AbstractAsyncContextManager[Caller]:
        """See client."""
        ...


class CallAs(Protocol):
    """The type of the pytest fixture `call_as`, for tests that are not async."""

    def __call__(
        self,
        who: Who,
        *,
        answers: Answers = (),
        protocol: ProtocolVersion = "2026-07-28",
        settings: Mapping[str, str] = NO_SETTINGS,
        overrides: Overrides = NO_OVERRIDES,
    ) -> BlockingCaller:
        """See client. The client ends with the test."""
        ...


_connect: Connect | None = None


def provide(connect: Connect | None) -> Connect | None:
    """Have `client` use this from now on, and return what it used before."""
    global _connect
    before, _connect = _connect, connect
    return before


def client(
    who: Who,
    *,
    answers: Answers = (),
    protocol: ProtocolVersion = "2026-07-28",
    settings: Mapping[str, str] = NO_SETTINGS,
    overrides: Overrides = NO_OVERRIDES,
) -> AbstractAsyncContextManager[Caller]:
    """An MCP client of this caller, connected to a fresh environment of the function in this process.

    Each call goes the whole way: token, Lambda event, handler, guard, schemas, your function, and back. WorkOS is
    the local one, with the people of the seed file and this caller. There is no network.

    Args:
        answers: What the user replies to the questions of your functions. A question without a reply ends the
            test with NoAnswerPrepared.
        protocol: The version that the client speaks.
        settings: Variables that differ, such as `{"REQUIRE_ORGANIZATION": "true"}`: of the server, of the team's
            settings, and secrets that parameters take.
        overrides: Functions in the place of dependencies, as in FastAPI: `{get_clock: lambda: FakeClock()}`.

    Raises:
        NoProvider: nothing answers calls here.
        ValueError: the seed file has no such person, machine or organisation, or the server has no such setting
            or dependency.
    """
    if _connect is None:
        raise NoProvider(
            "nothing answers the calls of client(): run the test with pytest in this repository, whose "
            "tests/conftest.py provides it, or import infra.local.testing.plugin before"
        )
    return _connect(who, answers=answers, protocol=protocol, settings=settings, overrides=overrides)
