"""Secrets: themselves or their SSM parameter; fetched on first need, together, kept, and kept through trouble."""

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app.current import CallerError
from app.runtime.secrets import (
    ParameterCache,
    ParametersUnavailable,
    SecretSources,
    SecretUnavailable,
    ServerSecrets,
    _ssm,
    fetch_parameters,
)
from infra.local.loopback import LoopbackServer
from tests.catalogues import asking
from tests.issuer import Clock, Issuer
from tests.log import Log
from tests.rig import SETTINGS, Rig

API_KEY, STATE_KEY = "/app/dev/api-key", "/app/dev/request-state-key"
NAMED = replace(SETTINGS, api_key_parameter=API_KEY, request_state_keys=(), request_state_key_parameter=STATE_KEY)
PARAMETERS = SecretSources(api_key_parameter=API_KEY, request_state_key_parameter=STATE_KEY)
SEALING = base64.urlsafe_b64encode(b"s" * 32).decode()


@dataclass
class Store:
    """Where parameters are; stands in for the function that asks SSM."""

    values: dict[str, str] = field(default_factory=lambda: {API_KEY: "sk_1", STATE_KEY: SEALING})
    trouble: str | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def fetch(self, names: tuple[str, ...]) -> Mapping[str, str]:
        self.asked.append(names)
        await asyncio.sleep(0)
        if self.trouble:
            raise ParametersUnavailable(self.trouble)
        return {name: self.values[name] for name in names if name in self.values}


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


ASKS = {"source": "workos-mcp-lambda.operator", "action": "check-secrets"}


def test_the_operator_is_told_which_secrets_can_be_read_and_none_of_their_values(store: Store, log: Log) -> None:
    handler = Rig(NAMED, fetch_parameters=store.fetch).handler

    assert handler(ASKS, None) == {"secrets": {API_KEY: "readable", STATE_KEY: "readable"}}
    del store.values[API_KEY]
    store.values[STATE_KEY] = "short"
    # Nothing of before counts: it is SSM that is asked about.
    assert handler(ASKS, None) == {"secrets": {API_KEY: "missing", STATE_KEY: "malformed"}}
    store.values[API_KEY] = "sk_1 pasted with something else"
    assert handler(ASKS, None) == {"secrets": {API_KEY: "malformed", STATE_KEY: "malformed"}}
    store.trouble = "denied"
    assert handler(ASKS, None) == {"secrets": {API_KEY: "denied", STATE_KEY: "denied"}}
    assert "sk_1" not in json.dumps(log())


def test_a_function_without_secrets_in_ssm_has_none_to_tell_of() -> None:
    assert Rig(replace(SETTINGS, api_key="sk_1")).handler(ASKS, None) == {"secrets": {}}


@pytest.mark.parametrize(
    "event",
    [
        {**ASKS, "requestContext": {"http": {"method": "GET"}}},
        {"source": ASKS["source"]},
        {"action": ASKS["action"]},
        {**ASKS, "source": "aws.events"},
    ],
)
def test_no_front_doors_event_asks_about_secrets(event: dict[str, Any], store: Store) -> None:
    answer = Rig(NAMED, fetch_parameters=store.fetch).handler(event, None)

    assert "secrets" not in answer
    assert store.asked == []


def test_both_secrets_are_fetched_in_one_call_when_the_first_is_needed(store: Store, clock: Clock) -> None:
    keys = ServerSecrets(PARAMETERS, store.fetch, clock)

    assert store.asked == []
    assert asyncio.run(keys.api_key()) == "sk_1"
    assert asyncio.run(keys.request_state_keys()) == (b"s" * 32,)
    assert store.asked == [(API_KEY, STATE_KEY)]


def test_a_secret_in_the_environment_needs_no_parameter(store: Store, clock: Clock) -> None:
    keys = ServerSecrets(
        replace(PARAMETERS, api_key="sk_own", request_state_keys=(b"o" * 32,)), store.fetch, clock
    )

    assert asyncio.run(keys.api_key()) == "sk_own"
    assert asyncio.run(keys.request_state_keys()) == (b"o" * 32,)
    assert store.asked == []


def test_without_either_the_operator_is_told_what_to_set(store: Store, clock: Clock) -> None:
    keys = ServerSecrets(SecretSources(), store.fetch, clock)

    with pytest.raises(CallerError, match="sets WORKOS_API_KEY or WORKOS_API_KEY_PARAMETER"):
        asyncio.run(keys.api_key())
    assert asyncio.run(keys.request_state_keys()) == ()


def test_a_rotation_is_picked_up_after_five_minutes(store: Store, clock: Clock) -> None:
    keys = ServerSecrets(PARAMETERS, store.fetch, clock)
    asyncio.run(keys.api_key())
    store.values[API_KEY] = "sk_2"
    clock.now += 299
    before = asyncio.run(keys.api_key())
    clock.now += 1

    assert (before, asyncio.run(keys.api_key())) == ("sk_1", "sk_2")


@pytest.mark.parametrize("cause", ["denied", "throttled", "unreachable"])
def test_a_failure_is_not_repeated_for_ten_seconds(cause: str, store: Store, clock: Clock, log: Log) -> None:
    store.trouble = cause
    secrets = ParameterCache((API_KEY,), store.fetch, clock)

    for _ in range(5):
        with pytest.raises(SecretUnavailable) as caught:
            asyncio.run(secrets.get(API_KEY))
    clock.now += 10
    store.trouble = None

    assert (caught.value.parameter, caught.value.cause) == (API_KEY, cause)
    assert len(store.asked) == 1
    assert asyncio.run(secrets.get(API_KEY)) == "sk_1"
    assert {(line["parameter"], line["reason"]) for line in log("secret unavailable")} == {(API_KEY, cause)}


def test_a_missing_parameter_is_named_in_the_log_and_asked_for_again_soon(
    store: Store, clock: Clock, log: Log
) -> None:
    del store.values[API_KEY]
    keys = ServerSecrets(PARAMETERS, store.fetch, clock)
    with pytest.raises(SecretUnavailable):
        asyncio.run(keys.api_key())
    assert asyncio.run(keys.request_state_keys()) == (b"s" * 32,)
    store.values[API_KEY] = "sk_late"
    clock.now += 10

    assert asyncio.run(keys.api_key()) == "sk_late"
    assert [(line["parameter"], line["reason"]) for line in log("secret unavailable")] == [(API_KEY, "missing")]


def test_values_from_before_serve_while_ssm_is_in_trouble(store: Store, clock: Clock) -> None:
    keys = ServerSecrets(PARAMETERS, store.fetch, clock)
    asyncio.run(keys.api_key())
    store.trouble = "throttled"
    clock.now += 3600

    assert asyncio.run(keys.api_key()) == "sk_1"


def test_those_who_need_a_secret_at_the_same_time_share_one_call(store: Store, clock: Clock) -> None:
    keys = ServerSecrets(PARAMETERS, store.fetch, clock)

    async def together() -> list[str]:
        return await asyncio.gather(*(keys.api_key() for _ in range(10)))

    assert asyncio.run(together()) == ["sk_1"] * 10
    assert len(store.asked) == 1


def test_a_request_state_key_that_is_no_key_is_told_apart_and_not_shown(
    store: Store, clock: Clock, log: Log
) -> None:
    store.values[STATE_KEY] = "hunter2"

    with pytest.raises(SecretUnavailable, match="secrets at the moment"):
        asyncio.run(ServerSecrets(PARAMETERS, store.fetch, clock).request_state_keys())
    assert log("secret unavailable")[0]["reason"] == "malformed"
    assert "hunter2" not in json.dumps(log())


def elicit(rig: Rig, **state: Any) -> Any:
    params = {"name": "confirm", "arguments": {"target": "file"}, **state}
    return rig.exchange("tools/call", params)


def test_request_state_is_sealed_with_the_key_of_the_parameter(store: Store) -> None:
    issuer = Issuer()
    here, there = (Rig(NAMED, issuer, asking, fetch_parameters=store.fetch) for _ in range(2))
    state = elicit(here).json["result"]["requestState"]

    answer = elicit(there, requestState=state, inputResponses={"sure": {"action": "accept"}})

    assert answer.json["result"]["content"][0]["text"] == "resumed state of round one"


def test_a_rotated_key_is_used_once_it_is_known(store: Store) -> None:
    rig = Rig(NAMED, Issuer(), asking, fetch_parameters=store.fetch)
    old = elicit(rig).json["result"]["requestState"]
    store.values[STATE_KEY] = f"{base64.urlsafe_b64encode(b'n' * 32).decode()},{SEALING}"
    rig.issuer.clock.now += 300

    assert elicit(rig, requestState=old).status == 200


def test_a_call_without_request_state_never_asks_for_the_key(store: Store) -> None:
    store.trouble = "denied"
    rig = Rig(NAMED, fetch_parameters=store.fetch)

    assert rig.call("whoami")["isError"] is False
    assert store.asked == []


@pytest.mark.parametrize("state", [{}, {"requestState": "v1.sealed-elsewhere"}])
def test_a_call_that_cannot_go_on_without_the_key_is_a_503(state: dict[str, str], store: Store) -> None:
    store.trouble = "throttled"
    rig = Rig(NAMED, Issuer(), asking, fetch_parameters=store.fetch)

    answer = elicit(rig, **state)

    assert (answer.status, answer.headers["retry-after"]) == (503, "10")
    assert answer.json["error"]["message"] == "The call cannot go on now. Try again shortly."


ANSWERS: dict[str, tuple[int, Any]] = {}
"""Status and body, which is JSON unless it is bytes."""
CALLS: list[dict[str, Any]] = []


DRIP = "drop by drop"


async def ssm(scope: Any, receive: Any, send: Any) -> None:
    """SSM's JSON protocol, as far as GetParameters goes."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
    CALLS.append(json.loads(body))
    status, answer = ANSWERS["next"]
    headers = [(b"content-type", b"application/x-amz-json-1.1")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if answer == DRIP:
        for _ in range(50):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.02)
        answer = b""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """boto3 as it is on Lambda, pointed at a loopback SSM."""
    with LoopbackServer(ssm) as server:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        CALLS.clear()
        _ssm.cache_clear()
        _ssm()  # imports boto3 now, so that no test's seconds are spent on that
        yield
        _ssm().close()
        _ssm.cache_clear()


@pytest.mark.usefixtures("aws")
def test_ssm_is_asked_once_for_all_and_with_decryption() -> None:
    found = [{"Name": API_KEY, "Value": "sk_1", "Type": "SecureString"}]
    ANSWERS["next"] = (200, {"Parameters": found, "InvalidParameters": [STATE_KEY]})

    assert asyncio.run(fetch_parameters((API_KEY, STATE_KEY))) == {API_KEY: "sk_1"}
    assert CALLS == [{"Names": [API_KEY, STATE_KEY], "WithDecryption": True}]


@pytest.mark.matrix
@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("status", "code", "cause"),
    [
        (400, "AccessDeniedException", "denied"),
        (400, "ThrottlingException", "throttled"),
        (400, "ValidationException", "unreachable"),
        (500, "InternalFailure", "unreachable"),
    ],
)
def test_what_ssm_refuses_is_told_by_its_kind(status: int, code: str, cause: str) -> None:
    ANSWERS["next"] = (status, {"__type": code, "message": "arn:aws:iam::1:role/x is not authorized"})

    with pytest.raises(ParametersUnavailable) as caught:
        asyncio.run(fetch_parameters((API_KEY,)))
    assert (caught.value.cause, str(caught.value)) == (cause, cause)


FOUND = {"Name": API_KEY, "Value": "sk_2", "Type": "SecureString"}
NOT_SSMS: list[tuple[int, Any]] = [
    (200, b""),
    (200, b"<html>Log in to the hotel's network</html>"),
    (200, b'{"Parameters": [{"Name": "/app/dev/api-key", "Value": "sk_2'),
    (200, b"\xff\xfe"),
    (200, {}),
    (200, []),
    (200, None),
    (200, "text"),
    (200, {"Parameters": [FOUND]}),
    (200, {"InvalidParameters": []}),
    (200, {"Parameters": [], "InvalidParameters": []}),
    (200, {"Parameters": [FOUND], "InvalidParameters": []}),  # and the other one?
    (200, {"Parameters": None, "InvalidParameters": None}),
    (200, {"Parameters": FOUND, "InvalidParameters": [STATE_KEY]}),
    (200, {"Parameters": [None], "InvalidParameters": [STATE_KEY]}),
    (200, {"Parameters": [{"Name": API_KEY}], "InvalidParameters": [STATE_KEY]}),
    (200, {"Parameters": [{**FOUND, "Value": 5}], "InvalidParameters": [STATE_KEY]}),
    (200, {"Parameters": [{**FOUND, "Value": ""}], "InvalidParameters": [STATE_KEY]}),
    (200, {"Parameters": [{**FOUND, "Value": ["sk_2"]}], "InvalidParameters": [STATE_KEY]}),
    (200, {"Parameters": [{**FOUND, "Name": ["a"]}], "InvalidParameters": [STATE_KEY]}),
    (200, {"Parameters": [{**FOUND, "Name": "/another"}], "InvalidParameters": [STATE_KEY]}),
    (200, {"Parameters": [FOUND], "InvalidParameters": [["a"]]}),
    (200, {"Parameters": [FOUND], "InvalidParameters": 5}),
    (204, b""),
    (302, b""),
    (400, b"[]"),
    (400, b"\xff\xfe"),
    (400, {"__type": {"a": 1}}),
    (400, {"__type": None, "message": []}),
    (500, b"<html>upstream</html>"),
    (500, {"__type": "InternalServerError"}),
    (503, b""),
]


@pytest.mark.matrix
@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("answer", NOT_SSMS, ids=str)
def test_an_answer_that_is_not_ssms_leaves_the_values_from_before(
    answer: tuple[int, Any], clock: Clock, log: Log
) -> None:
    secrets = ParameterCache((API_KEY, STATE_KEY), fetch_parameters, clock)
    good = [{**FOUND, "Value": "sk_1"}, {"Name": STATE_KEY, "Value": SEALING, "Type": "SecureString"}]
    ANSWERS["next"] = (200, {"Parameters": good, "InvalidParameters": []})
    asyncio.run(secrets.get(API_KEY))
    ANSWERS["next"] = answer
    clock.now += 300
    CALLS.clear()

    first, asked = asyncio.run(secrets.get(API_KEY)), len(CALLS)
    clock.now += 9

    assert (first, asyncio.run(secrets.get(API_KEY))) == ("sk_1", "sk_1")
    assert asyncio.run(secrets.get(STATE_KEY)) == SEALING
    assert len(CALLS) == asked <= 2
    (line,) = log("parameters unavailable")
    assert (line["parameters"], line["reason"]) == ([API_KEY, STATE_KEY], "unreachable")
    assert "sk_2" not in json.dumps(log())

    ANSWERS["next"] = (200, {"Parameters": [FOUND, good[1]], "InvalidParameters": []})
    clock.now += 1
    assert asyncio.run(secrets.get(API_KEY)) == "sk_2"


@pytest.mark.usefixtures("aws")
def test_a_parameter_that_ssm_says_is_gone_is_gone(clock: Clock) -> None:
    secrets = ParameterCache((API_KEY,), fetch_parameters, clock)
    ANSWERS["next"] = (200, {"Parameters": [FOUND], "InvalidParameters": []})
    asyncio.run(secrets.get(API_KEY))
    ANSWERS["next"] = (200, {"Parameters": [], "InvalidParameters": [API_KEY]})
    clock.now += 300

    with pytest.raises(SecretUnavailable) as caught:
        asyncio.run(secrets.get(API_KEY))
    assert caught.value.cause == "missing"


@pytest.mark.usefixtures("aws")
def test_a_key_that_kms_does_not_open_is_denied(clock: Clock) -> None:
    ANSWERS["next"] = (400, {"__type": "InvalidKeyId", "message": "arn:aws:kms:us-east-1:1:key/x is disabled"})

    with pytest.raises(ParametersUnavailable, match="denied"):
        asyncio.run(fetch_parameters((API_KEY,)))


@pytest.mark.usefixtures("aws")
def test_an_answer_that_comes_drop_by_drop_is_given_up_on() -> None:
    ANSWERS["next"] = (200, DRIP)

    with pytest.raises(ParametersUnavailable, match="unreachable"):
        asyncio.run(fetch_parameters((API_KEY,), seconds=0.3))
    assert len(CALLS) == 1


@pytest.mark.parametrize("defect", [KeyError("Parameters"), RuntimeError("no thread can start"), TimeoutError()])
def test_no_failure_is_asked_about_again_at_once(defect: Exception, clock: Clock, log: Log) -> None:
    asked = []

    async def fetch(names: tuple[str, ...]) -> Mapping[str, str]:
        asked.append(names)
        raise defect

    secrets = ParameterCache((API_KEY,), fetch, clock)
    for _ in range(3):
        with pytest.raises(SecretUnavailable) as caught:
            asyncio.run(secrets.get(API_KEY))

    assert (caught.value.cause, len(asked)) == ("unreachable", 1)
    assert log("parameters unavailable")[0]["detail"] == type(defect).__name__


def test_a_caller_who_is_cancelled_leaves_the_question_to_the_next(store: Store, clock: Clock) -> None:
    secrets = ParameterCache((API_KEY,), store.fetch, clock)
    asyncio.run(secrets.get(API_KEY))
    clock.now += 300
    store.values[API_KEY] = "sk_2"

    async def cancelled() -> None:
        task = asyncio.create_task(secrets.get(API_KEY))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(cancelled())

    assert asyncio.run(secrets.get(API_KEY)) == "sk_2"


def test_an_ssm_that_cannot_be_reached_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = LoopbackServer(ssm)
    gone.stop()
    monkeypatch.setenv("AWS_ENDPOINT_URL", gone.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    _ssm.cache_clear()

    with pytest.raises(ParametersUnavailable, match="unreachable"):
        asyncio.run(fetch_parameters((API_KEY,)))
    _ssm.cache_clear()
