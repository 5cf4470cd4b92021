"""The worker, as AWS describes it: what smoke and doctor say of it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.operator.finding import Status
from infra.operator.worker import check_worker, examine_worker

WORKER = "arn:aws:lambda:us-east-1:123456789012:function:mcp-dev_worker:live"
DURABLE = {"DurableConfig": {"ExecutionTimeout": 3660}}


class Lambda:
    """Two functions, and a dry run that may be refused."""

    def __init__(self, worker: dict[str, Any] | None, variables: dict[str, str], refusal: str = "") -> None:
        self._functions = {"mcp-dev": {"Environment": {"Variables": variables}}}
        self._functions |= {} if worker is None else {WORKER: worker}
        self._refusal = refusal
        self.kinds: list[str] = []

    def get_function_configuration(self, **asked: Any) -> dict[str, Any]:
        if (found := self._functions.get(asked["FunctionName"])) is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetFunctionConfiguration")
        return found

    def invoke(self, **asked: Any) -> None:
        self.kinds.append(asked["InvocationType"])
        if self._refusal:
            raise ClientError({"Error": {"Code": self._refusal}}, "Invoke")


def test_a_worker_that_takes_work() -> None:
    aws = Lambda(DURABLE, {"WORKER_FUNCTION": WORKER})

    finding = examine_worker(aws, "mcp-dev", "dev")

    assert (finding.status, aws.kinds) == (Status.PASS, ["DryRun"])
    assert "up to 3660 s" in finding.seen


@pytest.mark.parametrize(
    ("aws", "status", "words"),
    [
        (Lambda(None, {}), Status.SKIP, "none of its tools works in the background"),
        (Lambda(None, {"WORKER_FUNCTION": WORKER}), Status.FAIL, "ResourceNotFoundException"),
        (Lambda({}, {"WORKER_FUNCTION": WORKER}), Status.FAIL, "not durable"),
        (Lambda(DURABLE, {"WORKER_FUNCTION": WORKER}, "AccessDeniedException"), Status.FAIL, "AccessDenied"),
    ],
)
def test_what_is_wrong_is_named_with_a_fix(aws: Lambda, status: Status, words: str) -> None:
    finding = examine_worker(aws, "mcp-dev", "dev")

    assert finding.status is status
    assert words in finding.seen
    assert bool(finding.fix) is (status is Status.FAIL)


def test_a_function_that_cannot_be_read_is_a_failure() -> None:
    assert examine_worker(Lambda(DURABLE, {}), "another", "dev").status is Status.FAIL


def test_without_a_function_nothing_is_asked() -> None:
    assert check_worker({}).status is Status.SKIP
