"""Background work on a local AWS: it outlives a connection, the function's environment and a version."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.versions import prune, prune_worker
from tests.deploy.asker import Asker
from tests.deploy.deployed import Deployed, deployable

# In their order: each goes on from what the one before has left.
pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
FUNCTION, WORKER = "workos-mcp-lambda-dev", "workos-mcp-lambda-dev_worker"
SECONDS = 45
"""Longer than API Gateway waits for an answer."""
REPORT = {"titles": ["First quarter", "Second quarter"], "words": 14}
OPERATOR = "test"
"""The access key of who deploys."""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployable(tmp_path_factory.mktemp("worker")) as deployed:
        deployed.checkout.make("secrets")
        yield deployed


@pytest.fixture(scope="module")
def asker(deployed: Deployed) -> Asker:
    return Asker(deployed)


@pytest.fixture(scope="module")
def handles() -> dict[str, str]:
    """Of work that a later test ends."""
    return {}


def read(deployed: Deployed, name: str) -> dict[str, Any]:
    return dict(deployed.aws.client("lambda").get_function_configuration(FunctionName=name, Qualifier="live"))


def list_work(deployed: Deployed, **wanted: Any) -> list[dict[str, Any]]:
    aws = deployed.aws.client("lambda")
    found = aws.list_durable_executions_by_function(FunctionName=WORKER, **wanted)["DurableExecutions"]
    return list(found)


def read_log(deployed: Deployed, function: str, **wanted: str) -> list[dict[str, Any]]:
    """The lines with these fields, each with the version of the function that wrote it."""
    events = deployed.aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    lines = [
        json.loads(each["message"]) | {"version": each["logStreamName"].partition("[")[2].partition("]")[0]}
        for each in events
        if each["message"].startswith("{")
    ]
    return [line for line in lines if wanted.items() <= line.items()]


def test_a_catalogue_with_a_background_tool_has_a_worker(deployed: Deployed) -> None:
    printed = deployed.deploy()

    worker = read(deployed, WORKER)
    assert worker["Handler"] == "app.worker.handler"
    # build_year_report of examples/ declares 60 minutes and 24 hours.
    assert worker["DurableConfig"] == {"ExecutionTimeout": 3660, "RetentionPeriodInDays": 1}
    function = read(deployed, FUNCTION)["Environment"]["Variables"]
    assert function["WORKER_FUNCTION"].endswith(f":function:{WORKER}:1")
    assert function["WORKER_FUNCTION"] in printed.partition("pass    worker")[2]
    assert deployed.outputs["WorkerName"] == WORKER


def test_work_outlives_the_connection_and_a_deployment(
    deployed: Deployed, asker: Asker, handles: dict[str, str]
) -> None:
    longer = asker.begin(seconds=1800)
    began = time.monotonic()
    handle = asker.begin(seconds=SECONDS)

    # A new version has environments of its own.
    deployed.deploy(PARAMETERS="DocsUrl=https://docs.example.com/mcp")
    found = asker.read(asker.call("get_result", handle=handle))
    while "handle" in found:
        assert time.monotonic() < began + SECONDS + 120, found
        found = asker.read(asker.call("get_result", handle=handle))

    assert found == REPORT
    (ended,) = read_log(deployed, WORKER, message="work")
    (begun,) = read_log(deployed, FUNCTION, tool="build_year_report", work=ended["work"])
    fetched = read_log(deployed, FUNCTION, tool="get_result", work=ended["work"])
    assert begun["version"] == ended["version"] == "1"
    assert {each["version"] for each in fetched} == {"2"}
    assert ended["outcome"] == "ok"
    assert ended["seconds"] >= SECONDS
    assert asker.read(asker.call("get_result", handle=longer, wait_seconds=0))["status"] == "working"
    handles["longer"] = longer


def test_a_question_reaches_the_user_and_its_answer_the_worker(asker: Asker) -> None:
    handle = asker.begin(seconds=0, ask_first=True)

    assert asker.read(asker.call("get_result", handle=handle)) == REPORT
    assert asker.asked == ["Write the report of 2 reports?"]


def test_a_rollback_begins_work_in_the_worker_of_its_own_version(deployed: Deployed, asker: Asker) -> None:
    printed = deployed.checkout.make("rollback")
    asker.read(asker.call("build_year_report", seconds=0))

    assert "version 1 is live, not 2" in printed
    newest = max(list_work(deployed), key=lambda each: each["StartTimestamp"])
    assert newest["FunctionArn"].endswith(f":{WORKER}:1")
    deployed.checkout.make("rollback", TO="2")


def test_a_version_with_work_is_kept(deployed: Deployed, asker: Asker, handles: dict[str, str]) -> None:
    aws = deployed.aws.client("lambda")
    # As after a third deployment.
    third = read(deployed, FUNCTION)["Environment"]["Variables"]["WORKER_FUNCTION"].removesuffix("2") + "3"
    for name, changed in ((WORKER, {"DOCS_URL": ""}), (FUNCTION, {"WORKER_FUNCTION": third})):
        variables = read(deployed, name)["Environment"]["Variables"] | changed
        aws.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        version = aws.publish_version(FunctionName=name)["Version"]
        aws.update_alias(FunctionName=name, Name="live", FunctionVersion=version)

    assert prune(aws, FUNCTION) == [1]
    assert prune_worker(aws, WORKER, FUNCTION) == []
    said = asker.read_text(asker.call("cancel_work", handle=handles["longer"]))
    assert said.startswith("The work of build_year_report is cancelled.")
    # The second stays, because the second version of the function begins work in it.
    assert prune_worker(aws, WORKER, FUNCTION) == [1]

    (stopped,) = list_work(deployed, Statuses=["STOPPED", "FAILED", "TIMED_OUT"])
    assert stopped["Status"] == "STOPPED"
    ended = asker.call("get_result", handle=handles["longer"])
    assert ended.is_error
    assert "was cancelled" in str(ended.content)


def test_a_name_begins_one_execution(deployed: Deployed) -> None:
    aws = deployed.aws.client("lambda")
    named = {"FunctionName": f"{WORKER}:live", "InvocationType": "Event", "DurableExecutionName": "once"}

    first, second = (aws.invoke(**named, Payload=b"{}")["DurableExecutionArn"] for _ in range(2))

    assert first == second
    for changed, code in (
        ({"Payload": b'{"other": 1}'}, "DurableExecutionAlreadyStartedException"),
        ({"FunctionName": WORKER}, "InvalidParameterValueException"),
        ({"FunctionName": f"{WORKER}:other"}, "ResourceNotFoundException"),
    ):
        with pytest.raises(ClientError) as refused:
            aws.invoke(**{**named, "Payload": b"{}", **changed})
        assert refused.value.response["Error"]["Code"] == code


def test_the_roles_permit_what_was_asked_and_nothing_more(deployed: Deployed) -> None:
    iam = deployed.aws.client("iam")
    permitted = {
        action.removeprefix("lambda:")
        for role in iam.list_roles()["Roles"]
        for policy in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        for statement in iam.get_role_policy(RoleName=role["RoleName"], PolicyName=policy)["PolicyDocument"][
            "Statement"
        ]
        for action in [*statement["Action"], statement["Action"]]
        if str(action).startswith("lambda:")
    }

    asked = {action for key, action in deployed.aws.work.asked if key != OPERATOR}
    # The worker reads a state that does not fit into its event, which takes 5 MiB of results.
    assert asked | {"GetDurableExecutionState"} == permitted


def test_a_function_that_may_not_begin_work_says_so(deployed: Deployed, asker: Asker) -> None:
    iam = deployed.aws.client("iam")
    role = read(deployed, FUNCTION)["Role"].rpartition("/")[2]
    policy = {"RoleName": role, "PolicyName": "run-background-work"}
    document = iam.get_role_policy(**policy)["PolicyDocument"]
    iam.delete_role_policy(**policy)
    before = list_work(deployed)

    refused = asker.call("build_year_report", seconds=1)

    iam.put_role_policy(**policy, PolicyDocument=json.dumps(document))
    assert refused.is_error
    assert "Background work cannot begin now. Nothing was begun." in str(refused.content)
    assert list_work(deployed) == before
    (line,) = read_log(deployed, FUNCTION, tool="build_year_report", engine="denied")
    assert line["outcome"] != "ok"


def test_without_a_background_tool_the_worker_goes_but_not_while_it_has_work(
    deployed: Deployed, asker: Asker
) -> None:
    asker.begin(seconds=1800)

    status, printed = deployed.checkout.try_make("deploy", EXAMPLES="0")
    assert status != 0
    assert f"work runs in {WORKER}, which this deployment would delete" in printed
    assert len(list_work(deployed, Statuses=["RUNNING"])) == 1
    deployed.deploy(EXAMPLES="0", END_WORK="1")

    names = [each["FunctionName"] for each in deployed.aws.client("lambda").list_functions()["Functions"]]
    assert names == [FUNCTION]
    assert read(deployed, FUNCTION)["Environment"]["Variables"]["WORKER_FUNCTION"] == ""
    assert "WorkerName" not in deployed.outputs
