"""The function behind the gateway: a pool of environments, each with one invocation at a time, as on Lambda."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from textwrap import indent
from typing import Any, TypeAlias

from infra.local.gateway.background import Background
from infra.local.gateway.environment import Environment, InvocationFailed, StartFailed
from infra.local.gateway.limits import Limits
from infra.local.gateway.program import Program

AfterStart: TypeAlias = Callable[[Program], Awaitable[None]]


class FunctionClosed(Exception):
    """The gateway is shutting down and accepts no more invocations."""


class NoAnswerInTime(Exception):
    """The gateway stopped waiting; the message is for the developer."""


@dataclass(eq=False, frozen=True, slots=True)
class Warm:
    """An environment that has imported the function, and the version of the code that it imported."""

    environment: Environment
    release: int


class Function:
    """Starts an environment if none is free, also after a crash, a timeout or a change.

    `say` gets lines about the function, `tell` gets the lines that the function prints. `after_start` runs in the
    background once for each version of the code that started.
    """

    def __init__(
        self,
        program: Program,
        limits: Limits,
        say: Callable[[str], None],
        tell: Callable[[str], None],
        after_start: AfterStart | None = None,
    ) -> None:
        self._program = program
        self._limits = limits
        self._say = say
        self._tell = tell
        self._after_start = after_start
        self._last_after_start: tuple[int, asyncio.Task[None]] | None = None
        self._places = asyncio.Semaphore(limits.environments)
        # One start at a time: on a laptop, several starts at once take longer than one after the other.
        self._start_turn = asyncio.Lock()
        self._idle: list[Warm] = []
        self._busy: set[Warm] = set()
        self._starting: Environment | None = None
        self._release = 0
        self._newest_started = 0
        self._broken_release: int | None = None
        self._is_closed = False
        self._background = Background()

    def warm_up(self) -> None:
        """Start an environment in the background now, so that the first request does not wait for it."""
        self._background.start(self._prepare())

    async def reload(self, variables: Mapping[str, str] | None = None) -> None:
        """Use changed code or variables: running invocations end with the old ones, new invocations get the new
        ones."""
        if variables is not None:
            self._program = replace(self._program, variables=variables)
        self._release += 1
        # A slow or hanging import of the old code must not delay the fixed code.
        if self._starting is not None:
            await self._starting.kill()
        self.warm_up()

    async def invoke(self, event: bytes) -> bytes:
        """Return the function's result, a JSON text. The caller waits if every environment is busy.

        Raises:
            NoAnswerInTime: if the wait and the result together take too long.
            InvocationFailed: if there is no result.
            FunctionClosed: if the gateway is shutting down.
        """
        limit = self._limits.gateway
        waits_until = asyncio.get_running_loop().time() + limit
        try:
            async with asyncio.timeout_at(waits_until):
                await self._places.acquire()
        except TimeoutError:
            busy = f"no free environment within {limit:g} s ({self._limits.environments} at work)"
            raise NoAnswerInTime(f"{busy}; Lambda would start one more") from None
        # As on Lambda, an invocation continues after the gateway has stopped waiting.
        run = self._background.start(self._run(event))
        done, _ = await asyncio.wait({run}, timeout=waits_until - asyncio.get_running_loop().time())
        if not done:
            run.add_done_callback(self._say_what_failed)
            raise NoAnswerInTime(f"no answer within {limit:g} s; the invocation goes on")
        return run.result()

    async def close(self) -> None:
        """Kill all environments, even those with an invocation."""
        self._is_closed = True
        self._end_after_start()
        running = [each.environment for each in (*self._idle, *self._busy)]
        for environment in [*([self._starting] if self._starting else []), *running]:
            await environment.kill()
        await self._background.finish()

    async def _run(self, event: bytes) -> bytes:
        """Run one invocation, and free its place when it ends."""
        warm = None
        try:
            warm = await self._take()
            return await warm.environment.invoke(event, self._limits.function)
        except InvocationFailed:
            if self._is_closed:
                raise FunctionClosed from None
            raise
        finally:
            if warm is not None:
                await self._give_back(warm)
            self._places.release()

    async def _prepare(self) -> None:
        with suppress(FunctionClosed, InvocationFailed):
            await self._give_back(await self._take())

    async def _take(self) -> Warm:
        """Take a free environment with the current code, or start a new one."""
        warm = await self._take_idle()
        if warm is None:
            async with self._start_turn:
                # Another invocation may have ended meanwhile.
                warm = await self._take_idle() or await self._start()
        if warm is None:
            raise InvocationFailed(f"{self._program.module} does not start (see above)")
        self._busy.add(warm)
        return warm

    async def _give_back(self, warm: Warm) -> None:
        self._busy.discard(warm)
        if self._is_closed:
            await warm.environment.kill()
        else:
            self._idle.append(warm)

    async def _take_idle(self) -> Warm | None:
        while self._idle and not self._is_closed:
            # Take the environment that was used last, as Lambda does.
            warm = self._idle.pop()
            if warm.release == self._release and warm.environment.is_alive:
                return warm
            await warm.environment.kill()
        return None

    async def _start(self) -> Warm | None:
        # The same code would fail again, so wait for a change.
        while not self._is_closed and self._release != self._broken_release:
            release = self._release
            environment = self._starting = await Environment.spawn(self._program, self._tell)
            milliseconds = await self._become_ready(environment, release)
            if milliseconds is None or self._is_unwanted(release):
                await environment.kill()
                continue
            self._say(f"{self._word_for_start(release)}cold start {milliseconds} ms")
            self._newest_started = release
            self._run_after_start(release)
            return Warm(environment, release)
        if self._is_closed:
            raise FunctionClosed
        return None

    def _run_after_start(self, release: int) -> None:
        if self._after_start is None or (self._last_after_start and self._last_after_start[0] == release):
            return
        self._end_after_start()
        self._last_after_start = release, self._background.start(self._call_after_start(self._after_start))

    async def _call_after_start(self, after_start: AfterStart) -> None:
        await after_start(self._program)

    def _end_after_start(self) -> None:
        if self._last_after_start:
            self._last_after_start[1].cancel()

    async def _become_ready(self, environment: Environment, release: int) -> int | None:
        try:
            return None if self._is_unwanted(release) else await environment.become_ready(self._limits.start)
        except StartFailed as error:
            self._fail_to_start(error, release)
            return None
        finally:
            self._starting = None

    def _is_unwanted(self, release: int) -> bool:
        """Whether the gateway was closed, or the code changed, while the environment started."""
        return self._is_closed or release != self._release

    def _word_for_start(self, release: int) -> str:
        if release != self._newest_started:
            return "reloaded, "
        return "one more environment, " if self._busy else ""

    def _fail_to_start(self, error: StartFailed, release: int) -> None:
        if not self._is_unwanted(release):
            self._broken_release = release
            self._say(f"{self._program.module} does not start:\n{indent(str(error), '    ')}")

    def _say_what_failed(self, run: asyncio.Task[Any]) -> None:
        if not run.cancelled() and isinstance(error := run.exception(), InvocationFailed):
            self._say(f"the function failed after its time: {error}")
