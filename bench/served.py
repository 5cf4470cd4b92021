"""A server in a process of its own on loopback: started, called over one connection, watched, ended."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

PATIENCE = 20.0
"""Seconds for a start, and for an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    message: Any
    """The JSON-RPC message, or what else was in the body."""
    seconds: float


class Connection(HTTPConnection):
    """Kept alive; no packet waits for another one's acknowledgement."""

    def connect(self) -> None:
        super().connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        began = time.perf_counter()
        self.request("POST", path, body, dict(headers))
        response = self.getresponse()
        content = response.read()
        took = time.perf_counter() - began
        kind = response.getheader("content-type", "")
        return Answer(response.status, _message(kind, content), took)


def _message(kind: str, content: bytes) -> Any:
    """Servers choose: JSON, or an event stream whose last event is the answer."""
    text = content.decode()
    if kind.startswith("text/event-stream"):
        text = [line.removeprefix("data:") for line in text.splitlines() if line.startswith("data:")][-1]
    try:
        return json.loads(text)
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class Process:
    """What Linux says about it."""

    pid: int

    @property
    def cpu_seconds(self) -> float:
        """Of all its threads, in the scheduler's nanoseconds: /proc/<pid>/stat has hundredths of a second."""
        spent = 0
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            with suppress(FileNotFoundError):  # it has just ended
                spent += int(thread.joinpath("schedstat").read_text().split()[0])
        return spent / 1e9

    @property
    def peak_megabytes(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


@dataclass(frozen=True, slots=True)
class Running:
    process: Process
    connection: Connection
    began: float
    """When it was asked to start, by perf_counter."""
    exit_status: Callable[[], int | None]

    def first(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The first answer, as soon as there is one.

        xmcp listens for a moment and stops again, to see that its port is free: what was sent then is sent again.

        Raises:
            RuntimeError: if the server ends by itself, or does not answer in time.
        """
        while time.perf_counter() < self.began + PATIENCE and self.exit_status() is None:
            with suppress(ConnectionError):
                return self.connection.post(path, headers, body)
            self.connection.close()
            time.sleep(0.001)
        raise RuntimeError(f"no answer from port {self.connection.port}; exit status: {self.exit_status()}")


@contextmanager
def running(command: Sequence[str], variables: Mapping[str, str], folder: Path, port: int) -> Iterator[Running]:
    """From its start until the block ends; the first thing to ask of it is its first answer.

    Raises:
        RuntimeError: if another program listens on the port.
    """
    with socket.socket() as asking:
        if asking.connect_ex(("127.0.0.1", port)) == 0:
            raise RuntimeError(f"another program listens on port {port}: it would be measured instead")
    began, silent = time.perf_counter(), subprocess.DEVNULL
    with subprocess.Popen(
        list(command), env=dict(variables), cwd=folder, stdin=silent, stdout=silent, stderr=silent
    ) as started:
        connection = Connection("127.0.0.1", port, timeout=PATIENCE)
        try:
            yield Running(Process(started.pid), connection, began, started.poll)
        finally:
            connection.close()
            started.kill()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
