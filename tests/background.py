"""A server with background tools, its engine and its worker, all in this process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.application import Packages
from app.protocol.tasks.stopping import Pause
from app.worker import create_worker
from infra.local.testing.engine import FUNCTION, Engine
from tests.catalogues.background import tools as background_tools
from tests.issuer import Issuer
from tests.rig import IDENTITY, SETTINGS, Answer, Rig

EXTENSION = "io.modelcontextprotocol/tasks"
TASKS: Mapping[str, Any] = {"elicitation": {"form": {}, "url": {}}, "extensions": {EXTENSION: {}}}
PLAIN: Mapping[str, Any] = {"elicitation": {"form": {}, "url": {}}}
KEY = (b"k" * 32,)


@dataclass
class BackgroundServer:
    """One environment of the function, which shares the engine with others."""

    issuer: Issuer = field(default_factory=Issuer)
    engine: Engine = field(init=False)
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Settings that differ."""
    tools: Packages = background_tools
    table: Any = None
    """What counts calls, for a server with a quota."""
    transports: Mapping[str, Any] = field(default_factory=dict)
    """What reaches WorkOS and the providers of connected accounts, by the name of create_app's parameter."""

    pause: Pause = asyncio.sleep
    """What waits in the worker until it looks whether its work was cancelled."""
    resources: Packages = ()

    def __post_init__(self) -> None:
        self.engine = Engine(self.issuer.clock, self._pass_time)
        self.settings = replace(SETTINGS, worker_function=FUNCTION, request_state_keys=KEY, **self.changes)
        self.engine.worker = create_worker(
            self.settings,
            identity=IDENTITY,
            tools=self.tools,
            clock=self.issuer.clock,
            client=self.engine,
            pause=self.pause,
            **self.transports,
        )
        self.rig = self.make_environment()

    def make_environment(self, **changes: Any) -> Rig:
        """Another environment of the same function."""
        return Rig(
            self.settings,
            self.issuer,
            tools=self.tools,
            resources=self.resources,
            engine=(lambda: self.engine, self.engine.sleep),
            table=None if self.table is None else lambda name: self.table,
            **self.transports,
            **changes,
        )

    def kill(self) -> None:
        """End the worker's process, from within."""
        self.engine.is_killed = True

    def forget(self) -> None:
        """Begin anew with an engine that has no executions."""
        self.engine.executions.clear()
        self.engine.asked.clear()
        self.engine.failing.clear()
        self.engine.is_paused = self.engine.is_killed = False

    def _pass_time(self, seconds: float) -> None:
        self.issuer.clock.now += seconds

    def begin(self, tool: str, arguments: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """The CreateTaskResult."""
        task = self.rig.call(tool, arguments, capabilities=TASKS, **options)
        assert task["resultType"] == "task", task
        return task

    def ask(self, method: str, task_id: str, capabilities: Mapping[str, Any] = TASKS, **more: Any) -> Answer:
        """One of the extension's methods."""
        options = {name: more.pop(name) for name in ("token", "version") if name in more}
        headers = {"mcp-name": task_id, **more.pop("headers", {})}
        params = {"taskId": task_id, **more}
        return self.rig.exchange(method, params, headers=headers, capabilities=capabilities, **options)

    def get(self, task_id: str, **more: Any) -> dict[str, Any]:
        """The task."""
        answer = self.ask("tasks/get", task_id, **more)
        assert answer.status == 200, answer
        assert answer.json["result"]["resultType"] == "complete"
        result: dict[str, Any] = answer.json["result"]
        return result

    def answer(self, task_id: str, *answers: Mapping[str, Any]) -> None:
        """Answer the open questions, in their order."""
        keys = self.get(task_id)["inputRequests"]
        given = dict(zip(keys, answers, strict=False))
        answer = self.ask("tasks/update", task_id, inputResponses=given)
        assert answer.status == 200, answer
        assert answer.json["result"].keys() == {"resultType", "_meta"}

    def finish(self, tool: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The task of this work once nothing of it is due any more."""
        task = self.begin(tool, arguments)
        self.engine.advance(3600)
        return self.get(task["taskId"])


def text(result: Mapping[str, Any]) -> str:
    """What the model reads."""
    said: str = result["content"][0]["text"]
    return said
