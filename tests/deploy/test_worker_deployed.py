"""The worker on a local AWS: what it can prove of background work, and what it cannot."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.deploy.versions import prune_worker
from tests.deploy.deployed import Deployed, deployable

# In their order: each goes on from what the one before has left.
pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
FUNCTION, WORKER = "workos-mcp-lambda-dev", "workos-mcp-lambda-dev_worker"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployable(tmp_path_factory.mktemp("worker")) as deployed:
        deployed.checkout.make("secrets")
        yield deployed


def read(deployed: Deployed, name: str) -> dict[str, Any]:
    return dict(deployed.aws.client("lambda").get_function_configuration(FunctionName=name, Qualifier="live"))


def test_a_catalogue_with_a_background_tool_has_a_worker(deployed: Deployed) -> None:
    printed = deployed.deploy()

    worker = read(deployed, WORKER)
    assert worker["Handler"] == "app.worker.handler"
    # build_year_report of examples/ declares 60 minutes and 24 hours.
    assert worker["DurableConfig"] == {"ExecutionTimeout": 3660, "RetentionPeriodInDays": 1}
    function = read(deployed, FUNCTION)["Environment"]["Variables"]
    assert function["WORKER_FUNCTION"].endswith(f":function:{WORKER}:live")
    assert function["WORKER_FUNCTION"] in printed.partition("pass    worker")[2]
    assert deployed.outputs["WorkerName"] == WORKER


def test_the_handler_is_imported_from_the_artefact_and_wants_a_durable_event(deployed: Deployed) -> None:
    answer = deployed.aws.client("lambda").invoke(FunctionName=WORKER, Qualifier="live", Payload=b"{}")

    assert "Unexpected payload provided to start the durable execution" in answer["Payload"].read().decode()


def test_the_local_aws_starts_no_execution(deployed: Deployed) -> None:
    """Once it does, the tests of infra/durable/test_through_the_gateway.py belong here too."""
    answer = deployed.aws.client("lambda").invoke(
        FunctionName=WORKER,
        Qualifier="live",
        InvocationType="Event",
        DurableExecutionName="work-1",
        Payload=json.dumps({"tool": "none", "arguments": {}}).encode(),
    )

    assert "DurableExecutionArn" not in answer


def test_without_a_background_tool_the_worker_goes(deployed: Deployed) -> None:
    assert prune_worker(deployed.aws.client("lambda"), WORKER) == []

    deployed.deploy(EXAMPLES="0")

    names = [each["FunctionName"] for each in deployed.aws.client("lambda").list_functions()["Functions"]]
    assert names == [FUNCTION]
    assert read(deployed, FUNCTION)["Environment"]["Variables"]["WORKER_FUNCTION"] == ""
    assert "WorkerName" not in deployed.outputs
