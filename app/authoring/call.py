"""The call that is being served, as a tool, prompt or resource sees it: `call: CurrentCall`."""

import math
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Depends

from app.current import Slot

Level: TypeAlias = Literal["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
"""How much a log message matters, least first (RFC 5424 section 6.2.1)."""


class Call:
    """What a function can say while it runs, and ask about the call. The server fills it in.

    A plain `Call()` does as little as a client that listens to nothing: pass one in a test, or one of a
    subclass that keeps what it is told.
    """

    async def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Say how far the work is; `done` counts up, and what is no more than was said before is dropped.

        A client that asked for it gets this with the result, in order: there is no stream to it before.
        """

    async def log(self, level: Level, data: Any, logger: str | None = None) -> None:
        """Tell the client something: a text, or whatever is shown as JSON. Never a secret or internals.

        It is for the caller's eyes, with the result, and goes out if their client wants messages of this level.
        """

    def time_left(self) -> float:
        """Seconds until the call is cancelled; its awaits then raise `asyncio.CancelledError`."""
        return math.inf

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """No schema: an argument of this type would be the client's to fill."""
        raise TypeError("a Call comes from the server alone; take it as call: CurrentCall")


class NoCall(RuntimeError):
    """Raised where no call is being served."""


_current: Slot[Call] = Slot("call")


def get_call() -> Call:
    """The call that is being served.

    Raises:
        NoCall: outside a call, in import-time code or in a thread that was started by hand.
    """
    try:
        return _current.get()
    except LookupError:
        raise NoCall(
            "get_call() needs a call: use it inside a tool, prompt or resource while it is served, or take it as "
            "a parameter (`call: CurrentCall`) and pass a Call() in your test"
        ) from None


def bind_call(call: Call) -> None:
    """Make it the call for the rest of this request's context."""
    _current.bind(call)


CurrentCall = Annotated[Call, Depends(get_call)]
"""A parameter of this type receives the call and stays out of the schema."""
