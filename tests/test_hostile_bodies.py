"""Whatever a client sends: a well-formed answer, soon, and nothing of another caller or of the client's own text.

`HOSTILE_EXAMPLES=20000 .venv/bin/python -m pytest --timeout 0 tests/test_hostile_bodies.py` tries more and others.
"""

import io
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.runtime.logs import logger
from tests.catalogues.hostile import prompts, resources, tools
from tests.hostile import heavy
from tests.hostile.answers import check_form, check_log, check_silence
from tests.hostile.calls import BEGINNINGS, CALLS, MARK
from tests.hostile.requests import Message, broken_messages, near_messages, odd_messages
from tests.rig import ERAS, SETTINGS, Answer, Rig, message

pytestmark = pytest.mark.broad

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "0"))
any_client = settings(
    max_examples=EXAMPLES or 200,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,  # what counts is the answer's own time
    suppress_health_check=list(HealthCheck),
)
SOON = 10.0
"""Seconds: an answer takes milliseconds, and more on a busy machine."""
DEPTHS = [*range(50, 1000, 50), 5_000, 100_000]
"""Around each of the depths at which something that reads or writes gives up."""
CALLERS = ("alice", "bob")


@dataclass
class Environment:
    """One warm environment, its two callers, and its log."""

    rig: Rig
    log: io.StringIO

    def __post_init__(self) -> None:
        self.tokens = {caller: self.rig.issuer.token(**ids(caller)) for caller in CALLERS}
        asked = {"name": "confirms", "arguments": {"target": MARK}}
        begun = [self.rig.exchange("tools/call", asked, token=token) for token in self.tokens.values()]
        self.states = tuple(each.json["result"]["requestState"] for each in begun)

    def check(self, sent: Message, caller: str) -> Answer:
        """Send it, and hold the answer and the log to the rules."""
        (other,) = set(CALLERS) - {caller}
        self.log.seek(0)
        self.log.truncate()
        began = time.monotonic()
        answer = self.rig.send(sent.event(self.tokens[caller], self.states))
        took, secrets = time.monotonic() - began, [*ids(other).values(), *self.tokens.values()]
        assert took < SOON
        check_form(answer, sent)
        check_silence(answer, secrets)
        check_log(self.log.getvalue(), secrets)
        return answer


def ids(caller: str) -> dict[str, Any]:
    name = caller.upper()
    return {"sub": f"user_{name}", "org_id": f"org_{name}", "client_id": f"client_{name}", "jti": f"token_{name}"}


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    handler, log = logger.registered_handler, io.StringIO()
    assert isinstance(handler, logging.StreamHandler)
    usual = handler.setStream(log)
    keyed = replace(SETTINGS, request_state_keys=(b"k" * 32,))
    yield Environment(Rig(keyed, tools=tools, prompts=prompts, resources=resources), log)
    handler.setStream(usual)


def valid(method: str, params: dict[str, Any], version: str) -> Message:
    headers, body = message(method, params, version)
    return Message(list(headers.items()), json.dumps(body))


@pytest.mark.parametrize("version", ERAS)
def test_what_is_changed_was_valid_before(environment: Environment, version: str) -> None:
    served = [environment.check(valid(*call, version), "alice") for call in [*CALLS, *BEGINNINGS[version]]]

    results = [answer for answer in served if answer.status == 200 and '"result":' in answer.text]
    assert len(results) >= len(served) - 10
    assert sum("user_ALICE" in answer.text for answer in results) >= 12


@any_client
@given(near_messages(), st.permutations(CALLERS))
def test_any_json_is_answered_well(environment: Environment, sent: Message, order: list[str]) -> None:
    for caller in order:
        environment.check(sent, caller)


@any_client
@given(odd_messages(), st.permutations(CALLERS))
def test_any_headers_are_answered_well(environment: Environment, sent: Message, order: list[str]) -> None:
    for caller in order:
        environment.check(sent, caller)


@any_client
@given(broken_messages(), st.permutations(CALLERS))
def test_any_bytes_are_answered_well(environment: Environment, sent: Message, order: list[str]) -> None:
    for caller in order:
        environment.check(sent, caller)


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("name", heavy.REQUESTS)
def test_large_requests_are_answered_well_and_soon(environment: Environment, name: str, version: str) -> None:
    environment.check(valid(*heavy.REQUESTS[name], version), "alice")


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("request_id", heavy.IDS.values(), ids=heavy.IDS)
def test_any_id_is_answered_well(environment: Environment, request_id: str, version: str) -> None:
    headers, body = message("tools/list", {}, version)
    text = json.dumps({**body, "id": heavy.PLACE}).replace(f'"{heavy.PLACE}"', request_id)

    environment.check(Message(list(headers.items()), text), "alice")


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("name", heavy.DEEP)
def test_a_body_of_any_depth_is_answered_well(environment: Environment, name: str, version: str) -> None:
    call, opening, closing = heavy.DEEP[name]
    sent = valid(*call, version)

    for depth in DEPTHS:
        text = heavy.deepened(str(sent.body), opening, closing, depth)
        environment.check(replace(sent, body=text), "alice")


@pytest.mark.parametrize(
    ("length", "status"), [(heavy.LIMIT, 400), (heavy.LIMIT + 1, 413), (heavy.LIMIT + heavy.LIMIT // 2, 413)]
)
@pytest.mark.parametrize("form", [str, str.encode], ids=["text", "base64"])
def test_a_body_of_any_length_is_answered_well(
    environment: Environment, length: int, status: int, form: Callable[[str], str | bytes]
) -> None:
    answer = environment.check(Message([], form("[" * (length - 5) + "1]]]]")), "alice")

    assert answer.status == status
