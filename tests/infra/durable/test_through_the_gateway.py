"""What a client of the tasks extension hears while the worker, the engine or AuthKit go away.

Real processes, from the gateway to the worker. docs/background.md has the table.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from infra.local.durable import WORKER_FUNCTION, EngineLimits, WorkServer, create_work_server
from infra.local.function_settings import work_settings
from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from tests.background import TASKS
from tests.infra.durable.running import Gate
from tests.infra.gateway.running import PATIENCE
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer
from tests.rig import MODERN, message

# Each starts two processes of the function.
pytestmark = pytest.mark.broad
ROOT = Path(__file__).parents[3]
RESTARTS = 3
"""The first attempt, and the two retries of a tool that may run twice."""
ROWS = dict(
    re.findall(r"^\| (.*?) \| .* \| (.*) \|$", ROOT.joinpath("docs/background.md").read_text(), re.MULTILINE)
)


def promised(what: str) -> str:
    """What the documents say that a caller hears when this goes away: the quotation, or the last status."""
    (heard,) = [each for name, each in ROWS.items() if name == what]
    quoted, statuses = re.findall('"(.*)"', heard), re.findall("`(.*?)`", heard)
    return str(quoted[0] if quoted else statuses[-1])


class Stack:
    """A client, the gateway, the function, the engine and its worker."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self.gate = Gate.open()
        self.terminal = self.gate.open_terminal()
        stack.callback(self.gate.close)
        self._issuer = ExitStack()
        self.vendor: LoopbackIssuer = self._issuer.enter_context(loopback_issuer())
        stack.callback(self._issuer.close)
        self.work, self.engine = self._start_engine(0)
        self._variables = {
            **self.vendor.settings,
            **work_settings(WORKER_FUNCTION, self.engine.url),
            "GATE_PORT": str(self.gate.port),
        }
        self.work.use(self._variables)
        gateway = create_gateway(self._variables, handler="tests.interrupted_function", say=self.terminal.say)
        server = stack.enter_context(LoopbackServer(gateway))
        stack.callback(gateway.close)
        client = httpx2.Client(base_url=server.url, trust_env=False, timeout=PATIENCE)
        self._client = stack.enter_context(client)

    def _start_engine(self, port: int) -> tuple[WorkServer, LoopbackServer]:
        work = create_work_server(
            self._folder / "work",
            handler="tests.interrupted_worker",
            python_path=ROOT,
            limits=EngineLimits(retry=0.0),
            say=self.terminal.say,
        )
        server = self._stack.enter_context(LoopbackServer(work, port))
        self._stack.callback(work.close)
        return work, server

    def stop_engine(self) -> None:
        self.work.close()
        self.engine.stop()

    def restart_engine(self) -> None:
        self.stop_engine()
        work, self.engine = self._start_engine(self.engine.port)
        work.use(self._variables)
        self.work = work

    def end_authkit(self) -> None:
        self._issuer.close()

    def post(self, method: str, name: str, params: dict[str, Any]) -> httpx2.Response:
        headers, body = message(method, params, MODERN, TASKS)
        headers |= {"authorization": f"Bearer {self.vendor.issuer.token()}", "mcp-name": name}
        return self._client.post("/mcp", headers=headers, json=body)

    def begin(self, tool: str) -> str:
        answer = self.post("tools/call", tool, {"name": tool, "arguments": {}}).json()
        return str(answer["result"]["taskId"])

    def get(self, task_id: str) -> dict[str, Any]:
        answer = self.post("tasks/get", task_id, {"taskId": task_id}).json()
        return dict(answer["result"])

    def wait_for_end(self, task_id: str) -> dict[str, Any]:
        self.terminal.wait_for_end()
        return self.get(task_id)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with ExitStack() as exits:
        yield Stack(tmp_path, exits)


def text(task: dict[str, Any]) -> str:
    return str(task["result"]["content"][0]["text"])


def test_a_killed_worker_is_invoked_again_for_a_tool_that_may_run_twice(stack: Stack) -> None:
    task_id = stack.begin("count_orders")
    stack.gate.wait_for_step().finish("1")
    stack.gate.wait_for_step().kill()
    assert stack.get(task_id)["status"] == "working"

    stack.gate.wait_for_step().finish("2")

    task = stack.wait_for_end(task_id)
    assert task["status"] == promised("the worker, in a step of a tool with `idempotent=True`")
    assert "1 2" in text(task)


def test_a_killed_worker_ends_the_work_of_any_other_tool(stack: Stack) -> None:
    task_id = stack.begin("pay_orders")
    stack.gate.wait_for_step().kill()

    task = stack.wait_for_end(task_id)
    assert task["status"] == "failed"
    assert promised("the worker, in a step of any other tool") in task["error"]["message"]


def test_a_worker_that_dies_every_time_is_a_failure_that_a_person_can_read(stack: Stack) -> None:
    task_id = stack.begin("count_orders")
    for _ in range(RESTARTS):
        stack.gate.wait_for_step().kill()

    task = stack.wait_for_end(task_id)
    assert task["status"] == "failed"
    assert promised("the worker, in every attempt") in task["error"]["message"]


def test_work_goes_on_after_a_restart_of_make_dev(stack: Stack) -> None:
    task_id = stack.begin("count_orders")
    stack.gate.wait_for_step().finish("1")
    step = stack.gate.wait_for_step()

    stack.restart_engine()
    step.connection.close()
    assert stack.get(task_id)["status"] == "working"
    stack.gate.wait_for_step().finish("2")

    task = stack.wait_for_end(task_id)
    assert task["status"] == promised("`make dev`, in a step")
    assert "1 2" in text(task)


def test_while_the_engine_is_away_a_client_hears_when_to_try_again(stack: Stack) -> None:
    task_id = stack.begin("pay_orders")
    step = stack.gate.wait_for_step()
    stack.stop_engine()
    step.connection.close()

    asked = stack.post("tasks/get", task_id, {"taskId": task_id})
    begun = stack.post("tools/call", "pay_orders", {"name": "pay_orders", "arguments": {}})

    assert promised("the engine, when a caller asks") in asked.text
    assert promised("the engine, when a caller begins work") in begun.text
    assert asked.headers["retry-after"] == begun.headers["retry-after"] == "5"


def test_cancelled_work_ends_in_a_step_that_awaits_something_else(stack: Stack) -> None:
    task_id = stack.begin("await_orders")
    step = stack.gate.wait_for_step()

    assert stack.post("tasks/cancel", task_id, {"taskId": task_id}).status_code == 200
    with step.connection, step.connection.makefile() as lines:
        assert lines.readline() == "cancelled\n"
    assert stack.get(task_id)["status"] == "cancelled"


def test_the_work_goes_on_without_authkit_and_workos(stack: Stack) -> None:
    task_id = stack.begin("count_orders")
    step = stack.gate.wait_for_step()
    stack.end_authkit()
    step.finish("1")
    stack.gate.wait_for_step().finish("2")

    task = stack.wait_for_end(task_id)
    assert task["status"] == promised("AuthKit and WorkOS")
    assert "1 2" in text(task)
