"""The function behind the gateway: environments that each serve one invocation at a time, as on Lambda."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
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


@dataclass(eq=False, frozen=True, slots=True)
class Warm:
    """An environment that has imported the function, and the state of the code that it has imported."""

    environment: Environment
    release: int


class Function:
    """Starts an environment when none is free, and again after a crash, a timeout or a change.

    `say` gets lines about the function, `tell` those that it prints itself.
    """

    def __init__(
        self, program: Program, limits: Limits, say: Callable[[str], None], tell: Callable[[str], None]
    ) -> None:
        self._program = program
        self._limits = limits
        self._say = say
        self._tell = tell
        self._places = asyncio.Semaphore(limits.environments)
        # One start at a time: several of them together would take longer, on a laptop, than one after the other.
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
        """Start now, in the background, what the first request would have to wait for."""
        self._background.start(self._prepare())

    async def reload(self, variables: Mapping[str, str] | None = None) -> None:
        """Take up changed code or variables: what runs ends with the old, what comes meets the new."""
        if variables is not None:
            self._program = replace(self._program, variables=variables)
        self._release += 1
        # An import that hangs or takes its time is of the old code: the fix does not wait for it.
        if self._starting is not None:
            await self._starting.kill()
        self.warm_up()

    async def invoke(self, event: bytes) -> bytes:
        """The function's result, a JSON text; a caller waits where every environment is at work.

        Raises:
            NoAnswerInTime: if the wait and the result together take too long.
            InvocationFailed: if there is no result.
            FunctionClosed: if the gateway is going down.
        """
        limit = self._limits.gateway
        waits_until = asyncio.get_running_loop().time() + limit
        try:
            async with asyncio.timeout_at(waits_until):
                await self._places.acquire()
        except TimeoutError:
            busy = f"no free environment within {limit:g} s ({self._limits.environments} at work)"
            raise NoAnswerInTime(f"{busy}; Lambda would start one more") from None
        # As on Lambda, an invocation that has begun goes on when the gateway gives up.
        run = self._background.start(self._run(event))
        done, _ = await asyncio.wait({run}, timeout=waits_until - asyncio.get_running_loop().time())
        if not done:
            run.add_done_callback(self._say_what_failed)
            raise NoAnswerInTime(f"no answer within {limit:g} s; the invocation goes on")
        return run.result()

    async def close(self) -> None:
        """Kill all environments, whatever they are doing."""
        self._is_closed = True
        running = [each.environment for each in (*self._idle, *self._busy)]
        for environment in [*([self._starting] if self._starting else []), *running]:
            await environment.kill()
        await self._background.finish()

    async def _run(self, event: bytes) -> bytes:
        """One invocation, which has its place; the place is free again when it ends."""
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
        """A free environment of the code as it is now, a new one if there is none."""
        warm = await self._take_idle()
        if warm is None:
            async with self._start_turn:
                # Somebody may have finished meanwhile.
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
            # The one that was used last, as Lambda does.
            warm = self._idle.pop()
            if warm.release == self._release and warm.environment.is_alive:
                return warm
            await warm.environment.kill()
        return None

    async def _start(self) -> Warm | None:
        # The same code would fail again: only a change is worth a new start.
        while not self._is_closed and self._release != self._broken_release:
            release = self._release
            environment = self._starting = await Environment.spawn(self._program, self._tell)
            milliseconds = await self._become_ready(environment, release)
            if milliseconds is None or self._is_unwanted(release):
                await environment.kill()
                continue
            self._say(f"{self._word_for_start(release)}cold start {milliseconds} ms")
            self._newest_started = release
            return Warm(environment, release)
        if self._is_closed:
            raise FunctionClosed
        return None

    async def _become_ready(self, environment: Environment, release: int) -> int | None:
        try:
            return None if self._is_unwanted(release) else await environment.become_ready(self._limits.start)
        except StartFailed as error:
            self._fail_to_start(error, release)
            return None
        finally:
            self._starting = None

    def _is_unwanted(self, release: int) -> bool:
        """Whether the gateway was closed or the code changed while an environment started."""
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
