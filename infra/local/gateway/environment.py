"""One Lambda environment: a process that imports the function once and runs until it is killed."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

from infra.local.gateway.output import Output
from infra.local.gateway.program import Program
from infra.local.gateway.runtime import LENGTH

_RUNTIME = Path(__file__).with_name("runtime.py")


class StartFailed(Exception):
    """The function could not be imported; the message is for the developer."""


class InvocationFailed(Exception):
    """The function returned no result; the message is for the developer."""


class Environment:
    """A process for one invocation at a time; the caller must not start a second one."""

    def __init__(
        self,
        program: Program,
        process: asyncio.subprocess.Process,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        output: Output,
    ) -> None:
        self._program = program
        self._process = process
        self._reader, self._writer = streams
        self._output = output
        self._is_killed = False
        self._began = time.perf_counter()

    @classmethod
    async def spawn(cls, program: Program, tell: Callable[[str], None]) -> Self:
        """Start a process that imports the function; `tell` gets each line that it prints."""
        return cls(program, *await _spawn(program, tell))

    async def become_ready(self, time_limit: float) -> int:
        """Wait until the function is imported; return the milliseconds of the cold start.

        Raises:
            StartFailed: if the import raises, ends the process or takes too long.
        """
        try:
            async with asyncio.timeout(time_limit):
                kind, content = await self._read()
        except TimeoutError:
            await self.kill()
            raise StartFailed(f"the import of {self._program.module} took more than {time_limit:g} s") from None
        except BaseException:
            await self.kill()
            raise
        if kind != b"ready":
            await self.kill()
            raise StartFailed(content.decode())
        return round((time.perf_counter() - self._began) * 1000)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None and not self._reader.at_eof()

    async def invoke(self, event: bytes, time_limit: float) -> bytes:
        """Run one invocation and return the result as the process wrote it, a JSON text.

        Raises:
            InvocationFailed: if the function raised, its process ended, or it took more than
                `time_limit` seconds, after which its environment is killed, as on Lambda.
        """
        about = json.dumps({"aws_request_id": str(uuid4()), "deadline": time.time() + time_limit}).encode()
        try:
            async with asyncio.timeout(time_limit):
                await self._write(about + b"\n" + event)
                kind, content = await self._read()
        except TimeoutError:
            await self.kill()
            raise InvocationFailed(f"no result within {time_limit:g} s: the environment was killed") from None
        except BaseException:
            # A late answer must not reach the next caller.
            await self.kill()
            raise
        if kind == b"ended":
            await self.kill()
        if kind != b"result":
            raise InvocationFailed(content.decode())
        return content

    async def kill(self) -> None:
        """End the process and all processes that it started, at once, as Lambda does. No zombie stays."""
        # Kill the group only once: later its number may belong to other processes. But kill it also if its
        # leader has ended, because the children may still run.
        if not self._is_killed:
            self._is_killed = True
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        self._output.close()
        self._writer.close()

    async def _write(self, message: bytes) -> None:
        # If the process has just ended, reading its answer notices it.
        with suppress(ConnectionError):
            self._writer.write(LENGTH.pack(len(message)) + message)
            await self._writer.drain()

    async def _read(self) -> tuple[bytes, bytes]:
        try:
            (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            kind, _, content = (await self._reader.readexactly(length)).partition(b"\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            kind, content = b"ended", f"its process ended: {_describe(await self._process.wait())}".encode()
        # Show what the function printed before any message about its result.
        self._output.settle()
        return kind, content


async def _spawn(
    program: Program, tell: Callable[[str], None]
) -> tuple[asyncio.subprocess.Process, tuple[asyncio.StreamReader, asyncio.StreamWriter], Output]:
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    with theirs, os.fdopen(writing, "wb"):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            # Only the program's own folder is on the import path.
            "-P",
            str(_RUNTIME),
            program.module,
            str(theirs.fileno()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            pass_fds=(theirs.fileno(),),
            env=program.process_variables,
            cwd=program.folder,
            # Ctrl-C in the terminal must reach only the gateway.
            start_new_session=True,
        )
    return process, await asyncio.open_unix_connection(sock=ours), Output(reading, tell)


def _describe(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
