from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from infra.local.durable import WORKER_FUNCTION, EngineLimits, create_work_server
from infra.local.function_settings import work_settings
from infra.local.loopback import LoopbackServer
from tests.infra.durable.running import Gate, ManualClock, Running, Start
from tests.infra.gateway.running import PATIENCE

ROOT = Path(__file__).parents[3]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an engine before tests/infra/durable/worker.py; its executions stay for the next one of the test."""
    with ExitStack() as stack:
        gate = Gate.open()
        stack.callback(gate.close)

        def begin(*, clock: ManualClock | None = None, **limits: Any) -> Running:
            terminal, clock = gate.open_terminal(), clock or ManualClock()
            work = create_work_server(
                tmp_path / "work",
                handler="tests.infra.durable.worker",
                python_path=ROOT,
                limits=EngineLimits(**{"retry": 0.0, **limits}),
                clock=clock,
                say=terminal.say,
            )
            server = stack.enter_context(LoopbackServer(work))
            # Before the server stops: a test that fails in mid-step does not wait for it.
            stack.callback(work.close)
            variables = work_settings(WORKER_FUNCTION, server.url) | {"HOME": str(tmp_path)}
            work.use(variables)
            return Running(work, server, connect(server.url), terminal, clock, gate, variables)

        yield begin


def connect(url: str) -> Any:
    return boto3.client(
        "lambda",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE, proxies={}),
    )
