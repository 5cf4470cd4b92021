"""The function behind the gateway: one warm environment at a time, one invocation after another."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from textwrap import indent
from typing import Any

from infra.local.gateway.background import Background
from infra.local.gateway.environment import Environment, InvocationFailed, StartFailed
from infra.local.gateway.limits import Limits
from infra.local.gateway.program import Program


class FunctionClosed(Exception):
    """The gateway is going down and takes no more invocations."""


class NoAnswerInTime(Exception):
    """The gateway waits no longer; the message is for the developer."""


class Function:
    """Starts an environment when one is needed, and again after a crash, a timeout or a change.

    `say` gets lines about the function, `tell` those that it prints itself.
    """

    def __init__(
        self, program: Program, limits: Limits, say: Callable[[str], None], tell: Callable[[str], None]
    ) -> None:
        self._program = program
        self._limits = limits
        self._say = say
        self._tell = tell
        self._turn = asyncio.Lock()
        self._environment: Environment | None = None
        self._starting: Environment | None = None
        self._has_failed_to_start = False
        self._is_stale = False
        self._is_closed = False
        self._background = Background()

    def warm_up(self) -> None:
        """Start now, in the background, what the first request would have to wait for."""
        self._background.start(self._prepare_in_turn())

    async def reload(self) -> None:
        """Take up changed code: after the running invocation, before the next."""
        self._is_stale = True
        # An import that hangs or takes its time is of the old code: the fix does not wait for it.
        if self._starting is not None:
            await self._starting.kill()
        self.warm_up()

    async def invoke(self, event: bytes) -> bytes:
        """The function's result, a JSON text; callers wait for their turn.

        Raises:
            NoAnswerInTime: if the turn and the result together take too long.
            InvocationFailed: if there is no result.
            FunctionClosed: if the gateway is going down.
        """
        limit = self._limits.gateway
        waits_until = asyncio.get_running_loop().time() + limit
        try:
            async with asyncio.timeout_at(waits_until):
                await self._turn.acquire()
        except TimeoutError:
            raise NoAnswerInTime(f"no turn within {limit:g} s; Lambda would start one more environment") from None
        # As on Lambda, an invocation that has begun goes on when the gateway gives up.
        run = self._background.start(self._run(event))
        done, _ = await asyncio.wait({run}, timeout=waits_until - asyncio.get_running_loop().time())
        if not done:
            run.add_done_callback(self._say_what_failed)
            raise NoAnswerInTime(f"no answer within {limit:g} s; the invocation goes on")
        return run.result()

    async def close(self) -> None:
        """Kill the environment, whatever it is doing."""
        self._is_closed = True
        for environment in (self._starting, self._environment):
            if environment is not None:
                await environment.kill()
        await self._background.finish()

    async def _run(self, event: bytes) -> bytes:
        """One invocation, whose turn it is; the turn ends with it."""
        try:
            return await (await self._prepare_or_fail()).invoke(event, self._limits.function)
        except InvocationFailed:
            if self._is_closed:
                raise FunctionClosed from None
            raise
        finally:
            self._turn.release()

    async def _prepare_or_fail(self) -> Environment:
        environment = await self._prepare()
        if environment is None:
            raise InvocationFailed(f"{self._program.module} does not start (see above)")
        return environment

    async def _prepare_in_turn(self) -> None:
        async with self._turn:
            with suppress(FunctionClosed):
                await self._prepare()

    async def _prepare(self) -> Environment | None:
        if self._is_closed:
            raise FunctionClosed
        if self._environment is not None and (self._is_stale or not self._environment.is_alive):
            await self._drop(self._environment)
        # The same code would fail again: only a change is worth a new start.
        while self._environment is None and (self._is_stale or not self._has_failed_to_start):
            await self._start()
            if self._is_closed:
                raise FunctionClosed
        return self._environment

    async def _drop(self, environment: Environment) -> None:
        self._environment = None
        await environment.kill()

    async def _start(self) -> None:
        prefix = "reloaded, " if self._is_stale else ""
        self._is_stale = self._has_failed_to_start = False
        environment = self._starting = await Environment.spawn(self._program, self._tell)
        await self._kill_if_unwanted(environment)
        try:
            milliseconds = await environment.become_ready(self._limits.start)
        except StartFailed as error:
            self._fail_to_start(error)
            return
        finally:
            self._starting = None
        if await self._kill_if_unwanted(environment):
            return
        self._environment = environment
        self._say(f"{prefix}cold start {milliseconds} ms")

    async def _kill_if_unwanted(self, environment: Environment) -> bool:
        """Whether the gateway was closed or the code changed while this environment started."""
        is_unwanted = self._is_closed or self._is_stale
        if is_unwanted:
            await environment.kill()
        return is_unwanted

    def _fail_to_start(self, error: StartFailed) -> None:
        if not self._is_stale and not self._is_closed:
            self._has_failed_to_start = True
            self._say(f"{self._program.module} does not start:\n{indent(str(error), '    ')}")

    def _say_what_failed(self, run: asyncio.Task[Any]) -> None:
        if not run.cancelled() and isinstance(error := run.exception(), InvocationFailed):
            self._say(f"the function failed after its time: {error}")
