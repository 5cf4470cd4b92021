"""The function behind the gateway: one warm environment at a time, one invocation after another."""

import asyncio
from collections.abc import Callable
from textwrap import indent

from infra.local.gateway.environment import Environment, InvocationFailed, Program, StartFailed

START_TIMEOUT = 30.0
"""Seconds: a cold start falls within API Gateway's own limit for the first request."""


class FunctionClosed(Exception):
    """The gateway is going down and takes no more invocations."""


class Function:
    """Starts an environment when one is needed, and again after a crash, a timeout or a change."""

    def __init__(self, program: Program, timeout: float, say: Callable[[str], None]) -> None:
        self._program = program
        self._timeout = timeout
        self._say = say
        self._turn = asyncio.Lock()
        self._environment: Environment | None = None
        self._has_failed_to_start = False
        self._is_stale = False
        self._is_closed = False

    async def warm_up(self) -> None:
        """Start now what the first request would have to wait for."""
        async with self._turn:
            await self._prepare()

    async def reload(self) -> None:
        """Take up changed code: after the running invocation, before the next."""
        self._is_stale = True
        await self.warm_up()

    async def invoke(self, event: bytes) -> bytes:
        """The function's result, a JSON text; callers wait for their turn.

        Raises:
            InvocationFailed: if there is none; InvocationTimedOut if it took too long.
            FunctionClosed: if the gateway is going down.
        """
        async with self._turn:
            environment = await self._prepare()
            if environment is None:
                raise InvocationFailed(f"{self._program.module} does not start (see above)")
            try:
                return await environment.invoke(event, self._timeout)
            except InvocationFailed:
                if self._is_closed:
                    raise FunctionClosed from None
                raise

    async def close(self) -> None:
        """Kill the environment, whatever it is doing."""
        self._is_closed = True
        if self._environment is not None:
            await self._environment.kill()

    async def _prepare(self) -> Environment | None:
        if self._is_closed:
            raise FunctionClosed
        if self._environment is not None and (self._is_stale or not self._environment.is_alive):
            await self._drop(self._environment)
        # The same code would fail again: only a change is worth a new start.
        if self._environment is None and (self._is_stale or not self._has_failed_to_start):
            await self._start()
        return self._environment

    async def _drop(self, environment: Environment) -> None:
        self._environment = None
        await environment.kill()

    async def _start(self) -> None:
        prefix = "reloaded, " if self._is_stale else ""
        self._is_stale = self._has_failed_to_start = False
        try:
            environment = await Environment.start(self._program, START_TIMEOUT)
        except StartFailed as error:
            self._has_failed_to_start = True
            self._say(f"{self._program.module} does not start:\n{indent(str(error), '    ')}")
            return
        if self._is_closed:
            await environment.kill()
            raise FunctionClosed
        self._environment = environment
        self._say(f"{prefix}cold start {environment.cold_start_ms} ms")
