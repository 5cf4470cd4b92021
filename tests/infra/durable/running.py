"""The local engine in the test's process, reached through boto3 as on Lambda."""

import asyncio
import json
import os
import re
import select
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infra.local.durable import WORKER_FUNCTION, Clock, WorkServer
from infra.local.durable.engine import ENDS
from infra.local.gateway.log_lines import shorten_name
from infra.local.loopback import LoopbackServer
from tests.infra.gateway.running import PATIENCE, Terminal


class ManualClock(Clock):
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self._now = 1_800_000_000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    async def sleep_until(self, moment: float) -> None:
        if moment > self._now:
            future = asyncio.get_running_loop().create_future()
            self._sleepers.append((moment, future))
            await future

    def advance(self, seconds: float) -> None:
        self._now += seconds
        due = [future for moment, future in self._sleepers if moment <= self._now]
        for future in due:
            # An engine that was stopped left its sleepers behind.
            if not (loop := future.get_loop()).is_closed():
                loop.call_soon_threadsafe(_wake, future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


@dataclass
class StoppedStep:
    """A step that waits for the test."""

    name: str
    pid: int
    connection: socket.socket

    def finish(self, result: str = "ok") -> None:
        with self.connection:
            self.connection.sendall(f"{result}\n".encode())

    def kill(self) -> None:
        """End the worker's process in the middle of the step, as a crash does."""
        with self.connection:
            os.kill(self.pid, signal.SIGKILL)


END = re.compile(rf"work \S+ ({'|'.join(ENDS.values())}) after")


class WorkTerminal(Terminal):
    """The engine's lines. Once work has ended, a wait for another line or a step fails at once, and shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.end, self._ending = socket.socketpair()
        """Readable once work has ended."""

    def say(self, line: str) -> None:
        super().say(line)
        if END.search(line):
            self._ending.send(b"\n")

    def wait_for_end(self, name: str = r"\S+") -> None:
        self.wait_for_match(END.pattern.replace(r"\S+", name))

    def close(self) -> None:
        self.end.close()
        self._ending.close()

    def _is_over(self) -> bool:
        return any(END.search(line) for line in self.lines)


@dataclass
class Gate:
    """Where steps stop until the test lets them go on."""

    listener: socket.socket
    terminals: list[WorkTerminal] = field(default_factory=list)

    @classmethod
    def open(cls) -> "Gate":
        listener = socket.create_server(("127.0.0.1", 0))
        return cls(listener)

    def open_terminal(self) -> WorkTerminal:
        self.terminals.append(WorkTerminal())
        return self.terminals[-1]

    def close(self) -> None:
        self.listener.close()
        for each in self.terminals:
            each.close()

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def wait_for_step(self) -> StoppedStep:
        ends = [each.end for each in self.terminals]
        ready, _, _ = select.select([self.listener, *ends], [], [], PATIENCE)
        assert self.listener in ready, f"no step began: {[each.lines for each in self.terminals]}"
        connection, _ = self.listener.accept()
        connection.settimeout(PATIENCE)
        name, pid = connection.makefile().readline().split()
        return StoppedStep(name, int(pid), connection)


@dataclass
class Running:
    work: WorkServer
    server: LoopbackServer
    aws: Any
    """boto3's client of Lambda."""
    terminal: WorkTerminal
    clock: ManualClock
    gate: Gate
    variables: dict[str, str]
    """What the worker's processes have."""

    def begin(self, *plan: tuple[Any, ...], name: str = "work-1") -> str:
        """Invoke the worker as the function does; returns the ARN of the execution."""
        payload = json.dumps({"plan": plan, "gate": self.gate.port}).encode()
        answer = self.aws.invoke(
            FunctionName=WORKER_FUNCTION, InvocationType="Event", DurableExecutionName=name, Payload=payload
        )
        assert answer["StatusCode"] == 202
        return str(answer["DurableExecutionArn"])

    def wait_for_end(self, arn: str) -> dict[str, Any]:
        """The execution, once it has ended."""
        name = arn.split("/")[-2]
        self.terminal.wait_for_end(str(shorten_name(name)))
        return self.read(arn)

    def read(self, arn: str) -> dict[str, Any]:
        return dict(self.aws.get_durable_execution(DurableExecutionArn=arn))

    def read_events(self, arn: str, kind: str) -> list[dict[str, Any]]:
        history = self.aws.get_durable_execution_history(DurableExecutionArn=arn)
        return [each for each in history["Events"] if each["EventType"] == kind]

    def read_result(self, arn: str) -> Any:
        found = self.wait_for_end(arn)
        assert found["Status"] == "SUCCEEDED", found
        return json.loads(found["Result"])["done"]


Start = Callable[..., Running]
