"""What the local engine refuses, with Lambda's names for it. No worker starts for any of these."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.durable import WORKER_FUNCTION
from infra.local.durable.limits import MAX_EVENT_BYTES
from tests.infra.durable.running import Running, Start

FUNCTION = WORKER_FUNCTION.removesuffix(":live")
NOBODY = f"{FUNCTION}:1/durable-execution/nobody/0000"


@pytest.fixture
def engine(start: Start) -> Running:
    return start()


def invoke(engine: Running, **given: Any) -> Any:
    return engine.aws.invoke(
        **{"FunctionName": WORKER_FUNCTION, "InvocationType": "Event", "Payload": b"{}", **given}
    )


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"FunctionName": f"{FUNCTION}x:live"}, "ResourceNotFoundException"),
        ({"FunctionName": f"{FUNCTION}:other"}, "ResourceNotFoundException"),
        ({"FunctionName": FUNCTION}, "InvalidParameterValueException"),
        ({"InvocationType": "RequestResponse"}, "InvalidParameterValueException"),
        ({"DurableExecutionName": "no spaces"}, "InvalidParameterValueException"),
        ({"Payload": b"not JSON"}, "InvalidParameterValueException"),
        ({"Payload": b'"' + b"x" * MAX_EVENT_BYTES + b'"'}, "RequestTooLargeException"),
    ],
)
def test_invoke(engine: Running, given: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        invoke(engine, **given)

    assert refused.value.response["Error"]["Code"] == code
    assert engine.aws.list_durable_executions_by_function(FunctionName=FUNCTION)["DurableExecutions"] == []


def test_a_dry_run_begins_nothing(engine: Running) -> None:
    assert invoke(engine, InvocationType="DryRun")["StatusCode"] == 204
    assert invoke(engine, FunctionName=FUNCTION, Qualifier="live", InvocationType="DryRun")["StatusCode"] == 204
    assert engine.aws.list_durable_executions_by_function(FunctionName=FUNCTION)["DurableExecutions"] == []


@pytest.mark.matrix
@pytest.mark.parametrize(
    "operation", ["get_durable_execution", "get_durable_execution_history", "stop_durable_execution"]
)
@pytest.mark.parametrize(
    ("arn", "code"), [(NOBODY, "ResourceNotFoundException"), ("nobody", "InvalidParameterValueException")]
)
def test_an_execution_that_is_not_there(engine: Running, operation: str, arn: str, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(engine.aws, operation)(DurableExecutionArn=arn)

    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.matrix
@pytest.mark.parametrize(
    "operation",
    [
        "send_durable_execution_callback_success",
        "send_durable_execution_callback_failure",
        "send_durable_execution_callback_heartbeat",
    ],
)
def test_a_callback_that_is_not_there(engine: Running, operation: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(engine.aws, operation)(CallbackId="abcd")

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.broad
@pytest.mark.parametrize("operation", ["checkpoint_durable_execution", "get_durable_execution_state"])
def test_a_token_that_is_not_the_newest(engine: Running, operation: str) -> None:
    arn = invoke(engine)["DurableExecutionArn"]

    with pytest.raises(ClientError, match="Invalid checkpoint token"):
        getattr(engine.aws, operation)(DurableExecutionArn=arn, CheckpointToken="b2xk")


@pytest.mark.broad
def test_a_path_of_another_service(engine: Running) -> None:
    with pytest.raises(ClientError) as refused:
        engine.aws.get_function(FunctionName=FUNCTION)

    assert "the local engine has no GET" in str(refused.value)
