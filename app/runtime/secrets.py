"""Secrets by the name of their SSM parameter: fetched together on first need, kept for a while."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping

from app.current import CallerError

logger = logging.getLogger(__name__)

TTL = 300.0
"""Seconds that a value is used before SSM is asked again: a rotation is picked up within them."""
FAILURE_TTL = 10.0
"""Seconds after a failure in which nobody waits for SSM again."""

SIGN_TTL = 10.0
"""Seconds that a value is used in spite of a sign that it was rotated: anybody may make up such a sign."""

FetchParameters = Callable[[tuple[str, ...]], Awaitable[Mapping[str, str]]]
"""The values of the parameters that exist; raises ParametersUnavailable where none can be had."""


class ParametersUnavailable(Exception):
    """SSM gave no answer; `cause` is a slug: denied, throttled or unreachable."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class SecretUnavailable(CallerError):
    """A secret cannot be had; the text is for a caller, `parameter` and `cause` for the log."""

    def __init__(self, parameter: str, cause: str) -> None:
        super().__init__(
            "This server cannot read one of its secrets at the moment. Its operator finds the reason in the log."
        )
        self.parameter = parameter
        self.cause = cause
        logger.warning("secret unavailable", extra={"parameter": parameter, "reason": cause})


class Secrets:
    """The secrets of one environment. `clock` is wall time, as everywhere that a frozen environment thaws."""

    def __init__(self, names: tuple[str, ...], fetch: FetchParameters, clock: Callable[[], float]) -> None:
        self._names = names
        self._fetch = fetch
        self._clock = clock
        self._values: Mapping[str, str] = {}
        self._cause = "missing"
        self._asked_at = -math.inf
        self._wait = 0.0
        self._lock = asyncio.Lock()

    async def get(self, name: str, *, max_age: float = TTL) -> str:
        """The value of one of the parameters named at construction, asked for again after `max_age` seconds.

        Raises:
            SecretUnavailable: it does not exist, may not be read, or SSM cannot be asked and no value is kept.
        """
        if self._is_due(max_age):
            async with self._lock:
                if self._is_due(max_age):
                    await self._refresh()
        if name not in self._values:
            raise SecretUnavailable(name, self._cause)
        return self._values[name]

    def _is_due(self, max_age: float) -> bool:
        return not 0 <= self._clock() - self._asked_at < min(self._wait, max_age)

    async def _refresh(self) -> None:
        # A caller that is cancelled meanwhile leaves no trace: the next one asks for itself.
        try:
            values = await self._fetch(self._names)
        except Exception as error:  # noqa: BLE001 - nobody's answer is worth the values from before
            self._keep(error)
        else:
            self._values, self._cause = values, "missing"
            complete = values.keys() >= set(self._names)
            self._wait = TTL if complete else FAILURE_TTL
        self._asked_at = self._clock()

    def _keep(self, error: Exception) -> None:
        """Values from before go on serving: an outage of SSM is no reason to forget them."""
        self._cause = error.cause if isinstance(error, ParametersUnavailable) else "unreachable"
        self._wait = FAILURE_TTL
        # Never the text of the error: it may quote an answer that was cut off, with a secret in it.
        kind = type(error.__cause__ or error).__name__
        logger.warning(
            "parameters unavailable",
            extra={"parameters": self._names, "reason": self._cause, "detail": kind},
        )
