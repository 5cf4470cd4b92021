"""The quota's table over the wire: boto3 as on Lambda, and a DynamoDB on loopback under a test's control."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.access.quota import TableUnavailable
from app.access.quota_table import MAX_COUNT_SECONDS, DynamoTable
from infra.local.loopback import LoopbackServer

Answer = tuple[int, bytes]
COUNTED: Answer = (200, b'{"Attributes": {"calls": {"N": "1"}, "expires_at": {"N": "7200"}}}')
HANG: Answer = (0, b"")
"""Nothing, until the caller gives up."""
DRIP: Answer = (200, b" ")
"""A byte now and then, so that no single read takes long."""
PATIENT = 20.0
"""Seconds for a count where a test is not about time."""


def error(code: str, status: int = 400) -> Answer:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "arn:aws:iam::1:role/x may not"}
    return status, json.dumps(body).encode()


@dataclass
class DynamoDB:
    """Its HTTP side alone; the last answer is given again and again."""

    answers: list[Answer] = field(default_factory=lambda: [COUNTED])
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ports: set[int] = field(default_factory=set)
    """Of those who asked: one a connection."""
    together: int = 1
    """Requests that have to be waiting before the first is answered."""
    _all_here: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        self.ports.add(scope["client"][1])
        headers = dict(scope["headers"])
        self.asked.append((headers[b"x-amz-target"].decode(), json.loads(body + message["body"])))
        await self._answer(receive, send)

    async def _answer(self, receive: Any, send: Any) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if len(self.asked) >= self.together:
            self._all_here.set()
        await self._all_here.wait()
        if answer == HANG:
            await receive()  # that the caller has gone
            return
        status, body = answer
        content = [(b"content-type", b"application/x-amz-json-1.0")]
        await send({"type": "http.response.start", "status": status, "headers": content})
        for _ in range(75 if answer == DRIP else 0):
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDB]:
    app = DynamoDB()
    with LoopbackServer(app) as server:
        point_boto3_at(server.url, monkeypatch)
        yield app


def point_boto3_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)


def count(times: int = 1, seconds: float = PATIENT, limit: int = 5) -> list[bool]:
    """That many calls at the same time, in a new environment."""
    table = DynamoTable("app-dev-quota", seconds)

    async def together() -> list[bool]:
        return await asyncio.gather(*(table.count("user#a#3600#0", limit, 7200) for _ in range(times)))

    try:
        return asyncio.run(together())
    finally:
        if table._client:
            table._client.close()


def cause(seconds: float = PATIENT) -> str:
    with pytest.raises(TableUnavailable) as caught:
        count(seconds=seconds)
    assert str(caught.value) == caught.value.cause
    return caught.value.cause


def test_a_count_is_one_conditional_update(dynamodb: DynamoDB) -> None:
    assert count() == [True]
    assert dynamodb.asked == [
        (
            "DynamoDB_20120810.UpdateItem",
            {
                "TableName": "app-dev-quota",
                "Key": {"subject": {"S": "user#a#3600#0"}},
                "UpdateExpression": "SET expires_at = :expires_at ADD #calls :one",
                "ConditionExpression": "attribute_not_exists(#calls) OR #calls < :limit",
                "ExpressionAttributeNames": {"#calls": "calls"},
                "ExpressionAttributeValues": {
                    ":expires_at": {"N": "7200"},
                    ":limit": {"N": "5"},
                    ":one": {"N": "1"},
                },
                "ReturnValues": "UPDATED_NEW",
            },
        )
    ]


def test_a_condition_that_fails_is_the_limit(dynamodb: DynamoDB) -> None:
    dynamodb.answers = [error("ConditionalCheckFailedException")]

    assert count() == [False]
    assert len(dynamodb.asked) == 1


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("ResourceNotFoundException", 400, "missing"),
        ("AccessDeniedException", 400, "denied"),
        ("ThrottlingException", 400, "throttled"),
        ("ProvisionedThroughputExceededException", 400, "throttled"),
        ("RequestLimitExceeded", 400, "throttled"),
        ("ValidationException", 400, "refused"),
        ("InternalServerError", 500, "unreachable"),
    ],
)
def test_what_dynamodb_refuses_is_told_by_its_kind(code: str, status: int, told: str, dynamodb: DynamoDB) -> None:
    dynamodb.answers = [error(code, status)]

    assert cause() == told


@pytest.mark.matrix
@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>Log in to the hotel's network</html>"),
        (200, b"{}"),
        (200, b""),
        (200, b"[]"),
        (200, b'"counted"'),
        (200, b'{"Attributes": []}'),
        (200, b'{"Attributes": {"calls'),
        (200, b'{"Attributes": null}'),
        (200, b'{"Attributes": {"calls": null}}'),
        (200, b'{"Attributes": {"calls": []}}'),
        (200, b'{"Attributes": {"calls": {"N": 5}}}'),
        (200, b'{"Attributes": {"calls": {"S": "many"}}}'),
        (200, b'{"Attributes": {"calls": {"N": "many"}}}'),
        (400, b'{"__type": {"a": 1}}'),
        (200, b"\xff\xfe"),
        (204, b""),
        (302, b""),
        (400, b"[]"),
        (400, b"\xff\xfe"),
        (503, b"<html>upstream</html>"),
    ],
)
def test_an_answer_that_is_not_dynamodbs_counts_nothing(answer: Answer, dynamodb: DynamoDB) -> None:
    dynamodb.answers = [answer]

    assert cause() == "unreachable"


@pytest.mark.parametrize("first", [error("InternalServerError", 500), error("ThrottlingException")])
def test_one_more_attempt_is_made(first: Answer, dynamodb: DynamoDB) -> None:
    dynamodb.answers = [first, COUNTED]

    assert count() == [True]
    assert len(dynamodb.asked) == 2


def test_an_attempt_without_answer_leaves_time_for_another(dynamodb: DynamoDB) -> None:
    dynamodb.answers = [HANG, COUNTED]

    assert count(seconds=2.0) == [True]


@pytest.mark.matrix
@pytest.mark.parametrize("answer", [HANG, DRIP])
def test_a_table_that_does_not_answer_is_given_up_on_in_time(answer: Answer, dynamodb: DynamoDB) -> None:
    dynamodb.answers = [answer]
    table = DynamoTable("quota", 0.3)

    async def waited() -> float:
        await asyncio.to_thread(table._connect)
        began = time.monotonic()
        with pytest.raises(TableUnavailable, match="unreachable"):
            await table.count("user#a#3600#0", 5, 7200)
        return time.monotonic() - began

    assert asyncio.run(waited()) < 1.2  # the last drop falls after 1.5
    assert len(dynamodb.asked) <= 2
    table._client.close()


def test_an_environment_goes_on_over_one_connection(dynamodb: DynamoDB) -> None:
    table = DynamoTable("quota", PATIENT)

    async def in_a_row() -> list[bool]:
        return [await table.count("user#a#3600#0", 5, 7200) for _ in range(3)]

    assert asyncio.run(in_a_row()) == [True] * 3
    assert len(dynamodb.ports) == 1
    table._client.close()


def test_both_counts_of_a_call_take_two_seconds_at_most() -> None:
    assert 2 * MAX_COUNT_SECONDS == 2


def test_the_loop_is_free_while_counts_are_on_their_way(dynamodb: DynamoDB) -> None:
    dynamodb.together = 3

    assert count(times=3) == [True] * 3


def test_nobody_listening_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = LoopbackServer(DynamoDB())
    gone.stop()
    point_boto3_at(gone.url, monkeypatch)

    assert cause() == "unreachable"


def test_a_machine_without_a_region_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    assert cause() == "unreachable"


def test_an_endpoint_that_is_no_url_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    point_boto3_at("no url", monkeypatch)

    assert cause() == "unreachable"


@pytest.mark.broad
def test_boto3_is_not_imported_before_the_first_count() -> None:
    script = (
        "import sys; from app.access.quota_table import DynamoTable; "
        "DynamoTable('quota'); print('boto3' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "False\n"
