"""What a crash may leave of an execution's file, and who may ask the engine of a developer's machine."""

from pathlib import Path

import httpx2
import pytest

from infra.local.durable.execution import Execution
from infra.local.durable.store import ExecutionStore
from tests.infra.durable.running import Start

ARN = "arn:aws:lambda:us-east-1:123456789012:function:worker:1/durable-execution/work-1/1"


@pytest.mark.matrix
@pytest.mark.parametrize("content", ["", '{"arn": "arn:aws', "{}", "[]"])
def test_a_damaged_file_stops_nothing_else(tmp_path: Path, content: str) -> None:
    said: list[str] = []
    store = ExecutionStore(tmp_path)
    store.save(Execution(ARN, "work-1", "worker", "{}", 1.0, 2.0, 3.0))
    (tmp_path / "0.json").write_text(content)

    assert [each.arn for each in store.load(said.append)] == [ARN]
    (line,) = said
    assert line.startswith(f"{tmp_path / '0.json'} is damaged")
    assert line.endswith("delete it and start again. Its work does not go on.")
    assert "AuthKit" not in line


def test_what_a_killed_process_left_is_deleted_at_the_next_start(tmp_path: Path) -> None:
    store = ExecutionStore(tmp_path)
    store.save(Execution(ARN, "work-1", "worker", "{}", 1.0, 2.0, 3.0))
    (kept,) = tmp_path.iterdir()
    (tmp_path / f".{kept.name}.k3x9").write_text('{"arn": "arn:aws')  # as write_private names it

    assert [each.arn for each in store.load(print)] == [ARN]
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.matrix
@pytest.mark.parametrize(("host", "status"), [("evil.example", 403), ("127.0.0.1:{port}", 200)])
def test_a_page_of_another_host_reads_nothing(start: Start, host: str, status: int) -> None:
    engine = start()
    headers = {"host": host.format(port=engine.server.port)}
    answer = httpx2.get(f"{engine.server.url}/2025-12-01/functions/worker/durable-executions", headers=headers)

    assert answer.status_code == status
    assert ("DurableExecutions" in answer.text) == (status == 200)
