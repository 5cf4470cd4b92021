"""The current call, as a tool, prompt or resource sees it: `call: CurrentCall`."""

import math
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Depends

from app.current import Slot, on_loop

Level: TypeAlias = Literal["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
"""How much a log message matters, from the least to the most (RFC 5424 section 6.2.1)."""


class Call:
    """What a function can tell the client while it runs, and how much time it has left.

    In tests, pass a plain `Call()`, which does nothing, or a subclass that records.
    """

    async def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Report progress. `done` must grow; a report that does not is dropped.

        A client that asked for progress gets the reports together with the result, because there is no stream
        before it.
        """

    async def log(self, level: Level, data: Any, logger: str | None = None) -> None:
        """Send the client a text, or a value that is shown as JSON. The caller reads it: no secrets, no internals.

        It goes out with the result, if the client wants messages of this level.
        """

    def time_left(self) -> float:
        """Seconds until the server cancels the call; its awaits then raise `asyncio.CancelledError`."""
        return math.inf

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Refuse a plain `call: Call`, which would be an argument that the client fills."""
        raise TypeError("a Call comes from the server alone; take it as call: CurrentCall")


class NoCall(RuntimeError):
    """`get_call()` was called outside a call."""


current_call: Slot[Call] = Slot("call")


@on_loop
def get_call() -> Call:
    """The current call.

    Raises:
        NoCall: outside a call: at import, or in a thread that the author started.
    """
    try:
        return current_call.get()
    except LookupError:
        raise NoCall(
            "get_call() needs a call: use it inside a tool, prompt or resource while it is served, or take it as "
            "a parameter (`call: CurrentCall`) and pass a Call() in your test"
        ) from None


CurrentCall = Annotated[Call, Depends(get_call)]
"""Type a parameter with it: the server passes the call in, and the parameter is not in the schema."""
