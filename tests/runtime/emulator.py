"""One function under AWS's Runtime Interface Emulator: events in, answers and the platform's own log out."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.rig import Answer
from tests.runtime.artefact import Artefact, emulator

PATIENCE = 120.0
"""Seconds after which a test gives up on an answer."""


class Emulator:
    """A context manager; its log is complete up to the last answer."""

    def __init__(
        self,
        artefact: Artefact,
        log: Path,
        settings: Mapping[str, str],
        *,
        handler: str = "app.handler.handler",
        timeout: int = 29,
    ) -> None:
        self._artefact = artefact
        self._log = log
        self._variables = {**settings, "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout)}
        self._handler = handler
        self._stack = ExitStack()
        self._front, self._api = (_free_port() for _ in range(2))

    def __enter__(self) -> Self:
        written = self._stack.enter_context(self._log.open("w"))
        # Both addresses: the emulator would listen on every interface.
        addresses = {"runtime-interface-emulator": self._front, "runtime-api": self._api}
        flags = [part for name, port in addresses.items() for part in (f"--{name}-address", f"127.0.0.1:{port}")]
        process = subprocess.Popen(
            [str(emulator()), *flags, str(self._artefact.interpreter), "-m", "awslambdaric", self._handler],
            cwd=self._artefact.folder,
            env={**variables(self._artefact), **self._variables},
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._stack.callback(_end, process)
        url = f"http://127.0.0.1:{self._front}"
        # The emulator may not listen yet: a refused connection is tried again.
        transport = httpx2.HTTPTransport(retries=10)
        client = httpx2.Client(base_url=url, transport=transport, trust_env=False, timeout=PATIENCE)
        self._client = self._stack.enter_context(client)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def invoke(self, event: Any) -> Any:
        """What Lambda would hand to the gateway: the function's result, or the error in its place."""
        answer = self._client.post("/2015-03-31/functions/function/invocations", content=json.dumps(event))
        try:
            return answer.json()
        except ValueError:
            return answer.text

    def send(self, event: Any) -> Answer:
        result = self.invoke(event)
        return Answer(result["statusCode"], result["headers"], result["body"])

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def inits(self) -> list[float]:
        """Milliseconds of each start of the runtime, imports included."""
        return [float(ms) for ms in re.findall(r"INIT REPORT\(durationMs: ([\d.]+)\)", self.log)]

    @property
    def durations(self) -> list[float]:
        """Milliseconds of each invocation that ended well, INIT not included."""
        return [
            float(ms) for ms in re.findall(r"INVOKE RTDONE\(status: success.*?duration: ([\d.]+)ms\)", self.log)
        ]


def variables(artefact: Artefact) -> dict[str, str]:
    """The environment as Lambda sets it, as far as anything reads it."""
    return {
        "AWS_LAMBDA_FUNCTION_NAME": "workos-mcp-lambda",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "LAMBDA_TASK_ROOT": str(artefact.folder),
        "PATH": os.defpath,
        "PYTHONPATH": artefact.path,
        # The artefact stays as it was built.
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    # The group: the runtime is the emulator's child.
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
