"""One Lambda environment: a process of its own that holds the imported function until it is killed."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import uuid4

from infra.local.gateway.runtime import LENGTH

_RUNTIME = Path(__file__).with_name("runtime.py")


class StartFailed(Exception):
    """The function could not be imported; the message is for the developer."""


class InvocationFailed(Exception):
    """The function gave no result; the message is for the developer."""


class InvocationTimedOut(InvocationFailed):
    """The function did not answer in time, and its environment was killed."""


@dataclass(frozen=True, slots=True)
class Program:
    """What runs in an environment: a module with a function `handler`, and all the variables it sees."""

    module: str
    folder: Path
    variables: Mapping[str, str]

    @property
    def process_variables(self) -> dict[str, str]:
        """Nothing else of the developer's shell reaches the function, as nothing would on Lambda."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "PYTHONPATH": str(self.folder),
            # Lambda's code is read-only. Here, a file saved twice within a second with the same size
            # would be taken for its old bytecode.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_FUNCTION_NAME": "local",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1,localhost",
            **inherited,
            **self.variables,
        }


class Environment:
    """A started process; one invocation at a time, which its caller sees to."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self.cold_start_ms = 0

    @classmethod
    async def start(cls, program: Program, time_limit: float) -> Self:
        """A process that has imported the function, after `time_limit` seconds at most.

        Raises:
            StartFailed: if the import raises, ends the process or takes too long.
        """
        began = time.perf_counter()
        environment = cls(*await _spawn(program))
        try:
            async with asyncio.timeout(time_limit):
                kind, content = await environment._read()
        except TimeoutError:
            await environment.kill()
            raise StartFailed(f"the import of {program.module} took more than {time_limit:g} s") from None
        except BaseException:
            await environment.kill()
            raise
        if kind != b"ready":
            await environment.kill()
            raise StartFailed(content.decode())
        environment.cold_start_ms = round((time.perf_counter() - began) * 1000)
        return environment

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None and not self._reader.at_eof()

    async def invoke(self, event: bytes, time_limit: float) -> bytes:
        """The result as the function's process wrote it, a JSON text.

        Raises:
            InvocationFailed: if the function raised or its process ended.
            InvocationTimedOut: if it took more than `time_limit` seconds.
        """
        about = json.dumps({"aws_request_id": str(uuid4()), "deadline": time.time() + time_limit}).encode()
        try:
            async with asyncio.timeout(time_limit):
                await self._write(about + b"\n" + event)
                kind, content = await self._read()
        except TimeoutError:
            await self.kill()
            raise InvocationTimedOut(f"no answer within {time_limit:g} s: the environment was killed") from None
        except BaseException:
            # A late answer must not become the next caller's.
            await self.kill()
            raise
        if kind != b"result":
            raise InvocationFailed(content.decode())
        return content

    async def kill(self) -> None:
        """End the process at once, with whatever it started, as Lambda does; leaves no zombie."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        self._writer.close()

    async def _write(self, message: bytes) -> None:
        # A process that has just ended is noticed when its answer is read.
        with suppress(ConnectionError):
            self._writer.write(LENGTH.pack(len(message)) + message)
            await self._writer.drain()

    async def _read(self) -> tuple[bytes, bytes]:
        try:
            (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            kind, _, content = (await self._reader.readexactly(length)).partition(b"\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b"ended", f"its process ended: {_describe(await self._process.wait())}".encode()
        return kind, content


async def _spawn(
    program: Program,
) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader, asyncio.StreamWriter]:
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            # Only the program's own folder is on the import path.
            "-P",
            str(_RUNTIME),
            program.module,
            str(theirs.fileno()),
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env=program.process_variables,
            cwd=program.folder,
            # Ctrl-C in the terminal is for the gateway alone.
            start_new_session=True,
        )
    return process, *await asyncio.open_unix_connection(sock=ours)


def _describe(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
