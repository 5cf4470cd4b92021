"""The worker, as AWS describes it and as the function finds it: what smoke and doctor say of it."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.runtime.durable import ENGINE_CAUSES
from infra.operator.finding import Status
from infra.operator.worker import EVENT, FIXES, check_worker, examine_worker

WORKER = "arn:aws:lambda:us-east-1:123456789012:function:mcp-dev_worker:live"
DURABLE = {"DurableConfig": {"ExecutionTimeout": 3660}}


class Lambda:
    """Two functions, of which the first is asked about the second."""

    def __init__(
        self, worker: dict[str, Any] | None, variables: dict[str, str], refusal: str = "", said: bytes = b""
    ) -> None:
        self._functions = {"mcp-dev": {"Environment": {"Variables": variables}}}
        self._functions |= {} if worker is None else {WORKER: worker}
        self._refusal = refusal
        self._said = said
        self.asked: list[Any] = []

    def get_function_configuration(self, **asked: Any) -> dict[str, Any]:
        if (found := self._functions.get(asked["FunctionName"])) is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetFunctionConfiguration")
        return found

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.asked.append((asked["FunctionName"], asked["Qualifier"], json.loads(asked["Payload"])))
        if self._refusal:
            raise ClientError({"Error": {"Code": self._refusal}}, "Invoke")
        return {
            "Payload": io.BytesIO(self._said),
            **({"FunctionError": "Unhandled"} if b"errorType" in self._said else {}),
        }


def test_a_worker_that_did_its_work() -> None:
    aws = Lambda(DURABLE, {"WORKER_FUNCTION": WORKER}, said=b'{"worker": "ready"}')

    finding = examine_worker(aws, "mcp-dev", "dev")

    assert (finding.status, aws.asked) == (Status.PASS, [("mcp-dev", "live", EVENT)])
    assert "takes work of up to 3660 s" in finding.seen


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("missing", "make deploy STAGE=dev makes the worker"),
        ("denied", "permissions boundary"),
        ("throttled", "in a minute"),
        ("unreachable", "docs/vpc.md"),
        ("refused", "the code of AWS"),
        ("not_durable", "delete it and deploy again"),
        ("outdated", "ship your own"),
        ("failed", "/aws/lambda/mcp-dev_worker: it does not start"),
        ("silent", "WorkerConcurrency is used up"),
        ("something new", "its code is older than this question"),
    ],
)
def test_what_the_function_finds_is_named_with_a_fix(said: str, fix: str) -> None:
    aws = Lambda(DURABLE, {"WORKER_FUNCTION": WORKER}, said=json.dumps({"worker": said}).encode())

    finding = examine_worker(aws, "mcp-dev", "dev")

    assert (finding.status, finding.seen) == (Status.FAIL, f"{WORKER}: {said}")
    assert fix in finding.fix


BROKEN = b'{"errorType": "Runtime.ImportModuleError", "worker": "ready"}'


@pytest.mark.parametrize("said", [b"", b"nonsense", b"[]", b'{"statusCode": 204}', b'{"worker": 1}', BROKEN])
def test_a_function_that_does_not_say_fails(said: bytes) -> None:
    finding = examine_worker(Lambda(DURABLE, {"WORKER_FUNCTION": WORKER}, said=said), "mcp-dev", "dev")

    assert finding.seen == f"{WORKER}: the function does not say"


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


def test_everything_that_the_function_can_find_has_a_fix() -> None:
    assert {*ENGINE_CAUSES, "failed", "silent"} - {"too_large", "other_payload"} == FIXES.keys()
