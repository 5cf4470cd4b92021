"""Work that takes longer than a call: `@tool(background=True)`, and `work: CurrentWork` for such a tool."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, overload

from fastapi import Depends
from pydantic import BaseModel

from app.authoring.ask import Answer, Ask, Cannot, Model
from app.authoring.step import build_failure, copy_step_result, read_failure, require_step_function
from app.current import Slot, on_loop

T = TypeVar("T")

MAX_MINUTES = 366 * 24 * 60
"""AWS Lambda, durable functions: an execution lasts a year at most."""
MAX_KEEP_HOURS = 90 * 24
"""AWS Lambda, durable functions: an ended execution is kept for 90 days at most."""
MAX_RETRIES = 10
RETRIES_IF_IDEMPOTENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """How long the work of a tool may take, and how long its result can be fetched.

    Raises:
        ValueError: a number is out of its range.
        TypeError: `before` is not a function.
    """

    minutes: float = 60
    """From its beginning until it is ended, with the time for which it sleeps or waits for an answer."""
    keep_hours: float = 24
    """How long its result can be fetched after its end."""
    retries: int | None = None
    """How often a step that was interrupted (a crash, a timeout) runs again. None: twice for a tool that says
    `idempotent=True`, and never for any other."""
    only_tasks: bool = False
    """Whether a client has to know MCP Tasks. Others get an error that says so, and not a handle."""
    before: Callable[..., Awaitable[Any]] | None = None
    """Runs in the call, before the work begins: `work.before` has what it returned, which JSON must hold.

    It may ask (`ask: CurrentAsk`), and takes what `Depends` fills.
    """

    def __post_init__(self) -> None:
        _require_range("minutes", self.minutes, 1, MAX_MINUTES)
        _require_range("keep_hours", self.keep_hours, 1, MAX_KEEP_HOURS)
        if self.retries is not None:
            _require_range("retries", self.retries, 0, MAX_RETRIES, kind=int)
        if self.before is not None and not callable(self.before):
            raise TypeError("Background(before=...) takes a function, without calling it")

    def count_retries(self, *, idempotent: bool) -> int:
        """How often an interrupted step of such a tool runs again."""
        if self.retries is not None:
            return self.retries
        return RETRIES_IF_IDEMPOTENT if idempotent else 0


def _require_range(
    name: str, value: Any, least: int, most: int, kind: type[int] | UnionType = int | float
) -> None:
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        what = "a whole number" if kind is int else "a number"
        raise ValueError(f"Background({name}=...) must be {what} from {least} to {most}")


def read_background(value: Any) -> Background | None:
    """What `@tool(background=...)` says. None: the tool does not work in the background.

    Raises:
        TypeError: it says something else.
    """
    if value is True:
        return Background()
    if value is False or value is None or isinstance(value, Background):
        return value or None
    raise TypeError(f"background must be True or Background(minutes=60), for example, and not {value!r}")


class Work:
    """What a background tool says, does once, and waits for.

    The function runs again from its first line after each sleep, each question and each interruption; steps that
    are done give the result that they had. So what changes something, or may come out differently, belongs
    into a step.

    In tests, pass `Work(...)` with the user's answers in the order of the questions (see Ask): nothing sleeps,
    and `messages` has what the tool said.
    """

    def __init__(self, *answers: BaseModel | Exception | Cannot, before: Any = None) -> None:
        self._ask = Ask(*answers)
        self.before = before
        """What `Background(before=...)` returned in the call."""
        self.messages: list[str] = []
        """What `say` said, in a test."""
        self.seconds_slept = 0.0
        """What `sleep` was asked for, in a test."""

    async def say(self, text: str) -> None:
        """Tell the caller how far the work is, such as "Reading orders"; about 200 characters are shown."""
        self.messages.append(text)

    @overload
    async def step(self, name: str, function: Callable[..., Awaitable[T]], *arguments: Any) -> T: ...
    @overload
    async def step(self, name: str, function: Callable[..., T], *arguments: Any) -> T: ...
    async def step(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of the function, which runs once: later runs of the tool get the same result.

        An exception is its result too. Steps have to come in the same order each time.

        Args:
            name: For the log and the caller, such as "orders".
            function: A plain function or an async one. It takes 14 minutes at most.
            arguments: What it is called with.

        Raises:
            TypeError: JSON would change the result, or `function` cannot be called.
            ToolError: the function raised it, or an error of WorkOS. Or the result is larger than 512 KiB as JSON:
                keep it elsewhere, and return where.
            StepFailed: the function raised something else. The log has it.
        """
        require_step_function(name, function)
        try:
            result = function(*arguments)
            result = await result if inspect.isawaitable(result) else result
        except Exception as error:
            raise build_failure(name, read_failure(error)) from error
        return copy_step_result(name, result)

    async def sleep(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Wait. Nothing runs meanwhile, and nothing is billed."""
        self.seconds_slept += add_up_seconds(seconds, minutes, hours, days)

    def ask(
        self, question: str, answer: type[Model], *, otherwise: Model | Exception | None = None
    ) -> Answer[Model]:
        """Ask the caller's user; `await` gives the answer, which may come hours later (see Ask)."""
        return self._ask(question, answer, otherwise=otherwise)

    def visit(self, url: str, why: str, *, otherwise: Exception | None = None) -> Answer[None]:
        """Send the user to a page of yours (see Ask.visit)."""
        return self._ask.visit(url, why, otherwise=otherwise)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Refuse a plain `work: Work`, which would be an argument that the client fills."""
        raise TypeError("a Work comes from the server alone; take it as work: CurrentWork")


def add_up_seconds(seconds: float, minutes: float, hours: float, days: float) -> float:
    """The whole time in seconds.

    Raises:
        ValueError: it is not a time that somebody could wait for.
    """
    total = seconds + 60 * (minutes + 60 * (hours + 24 * days))
    if not 0 <= total <= MAX_MINUTES * 60:
        raise ValueError("sleep takes a time from 0 to 366 days, such as sleep(minutes=10)")
    return total


class NoWork(RuntimeError):
    """`get_work()` was called outside of background work."""


current_work: Slot[Work] = Slot("work")


@on_loop
def get_work() -> Work:
    """The background work that runs now.

    Raises:
        NoWork: outside of it.
    """
    try:
        return current_work.get()
    except LookupError:
        raise NoWork(
            "get_work() needs background work: take it as a parameter (`work: CurrentWork`) of a tool with "
            "background=True, and pass Work() in your test"
        ) from None


CurrentWork = Annotated[Work, Depends(get_work)]
"""Type a parameter with it: the server passes the work in, and the parameter is not in the schema."""
