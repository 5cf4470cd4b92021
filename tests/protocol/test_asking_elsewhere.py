"""A call that is begun in one process of the function goes on in another, or is refused there with a reason."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest

from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from tests.catalogues import asking
from tests.issuer import Clock, Issuer
from tests.log import lines_of
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer
from tests.protocol.asking import DECLINE, Conversation, accept
from tests.protocol.test_request_state import NOT_YOURS, TOO_OLD, YES, written
from tests.rig import MODERN, SETTINGS, Answer, Rig, message

pytestmark = pytest.mark.broad

OLD, NEW = b"o" * 32, b"n" * 32
KEYS = {"here": (OLD,), "there": (OLD,), "rotated": (NEW, OLD), "removed": (NEW,)}
"""The keys of each environment."""


@dataclass
class Elsewhere:
    """One environment in a process of its own, behind a gateway."""

    issuer: Issuer
    url: str
    lines: list[str] = field(default_factory=list)

    def exchange(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        version: str = MODERN,
        token: str | None = None,
        capabilities: Mapping[str, Any] | None = None,
    ) -> Answer:
        headers, body = message(method, params, version, capabilities)
        sent = {**headers, "authorization": f"Bearer {token or self.issuer.token()}"}
        with httpx2.Client(trust_env=False, timeout=120) as client:
            answer = client.post(f"{self.url}/mcp", json=body, headers=sent)
        return Answer(answer.status_code, dict(answer.headers), answer.text)

    @property
    def reason(self) -> str | None:
        """Of the last exchange, in this process's own log."""
        line: dict[str, Any] = lines_of("\n".join(self.lines), "exchange")[-1]
        return line.get("reason")


@dataclass
class Fleet:
    vendor: LoopbackIssuer
    environments: dict[str, Elsewhere]

    def begun(self, tool: str = "purge", place: str = "here", **arguments: str) -> Conversation:
        self.vendor.issuer.clock.now = time.time()
        call = Conversation(self.environments[place], tool, arguments)
        call.asked()
        return call


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with ExitStack() as running:
        vendor = running.enter_context(loopback_issuer())
        environments = {}
        for name, keys in KEYS.items():
            lines: list[str] = []
            settings = {**vendor.settings, "REQUEST_STATE_KEY": written(*keys)}
            gateway = create_gateway(
                settings, handler="tests.protocol.asking_function", say=lines.append, raw_log=True
            )
            server = running.enter_context(LoopbackServer(gateway))
            environments[name] = Elsewhere(vendor.issuer, server.url, lines)
        yield Fleet(vendor, environments)


@pytest.fixture
def there(fleet: Fleet) -> Elsewhere:
    return fleet.environments["there"]


def test_each_round_trip_lands_in_another_process(fleet: Fleet, there: Elsewhere) -> None:
    call = fleet.begun("where")
    call.rig = there
    call.asked(accept(place="there"))
    call.rig = fleet.environments["rotated"]

    processes = call.send(accept(place="rotated"))["structuredContent"]["result"]

    assert len(set(processes)) == 3


def test_a_confirmed_action_is_done_in_the_process_that_gets_the_answer(fleet: Fleet, there: Elsewhere) -> None:
    call = fleet.begun(target="file")
    call.rig = there

    assert call.says(YES) == "file purged"


def test_a_no_holds_there_as_well(fleet: Fleet, there: Elsewhere) -> None:
    call = fleet.begun(target="file")
    call.rig = there

    assert call.says(DECLINE) == "The user was asked, and said no."


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"who": {"sub": "user_01MALLORY"}}, "state_caller"),
        ({"who": {"org_id": "org_01OTHER"}}, "state_caller"),
        ({"who": {"client_id": "client_2"}}, "state_caller"),
        ({"arguments": {"target": "everything"}}, "state_call"),
        ({"tool": "lenient", "arguments": {}}, "state_call"),
    ],
    ids=["another user", "another organisation", "another client", "a changed argument", "another tool"],
)
def test_what_it_was_not_given_for_is_refused_there(
    changes: dict[str, Any], reason: str, fleet: Fleet, there: Elsewhere
) -> None:
    call = replace_in(fleet.begun(target="file"), rig=there, **changes)

    assert call.error(YES) == (400, -32602, NOT_YOURS)
    assert there.reason == reason


def replace_in(call: Conversation, **changes: Any) -> Conversation:
    for name, value in changes.items():
        setattr(call, name, value)
    return call


def test_a_changed_state_is_refused_there(fleet: Fleet, there: Elsewhere) -> None:
    call = replace_in(fleet.begun(target="file"), rig=there)
    assert call.state is not None
    kind, _, sealed = call.state.partition(".")
    changed = bytearray(base64.urlsafe_b64decode(sealed + "=="))
    changed[40] ^= 1
    call.state = f"{kind}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}"

    assert call.error(YES) == (400, -32602, NOT_YOURS)
    assert there.reason == "state_unreadable"


def test_a_state_of_eleven_minutes_ago_is_refused_there(fleet: Fleet, there: Elsewhere) -> None:
    issuer = replace(fleet.vendor.issuer, clock=Clock(time.time() - 660))
    settings = replace(SETTINGS, issuer=issuer.url, request_state_keys=(OLD,))
    call = Conversation(Rig(settings, issuer, asking), "purge", {"target": "file"})
    call.asked()
    fleet.vendor.issuer.clock.now = time.time()
    call.rig = there

    assert call.error(YES) == (400, -32602, TOO_OLD)
    assert there.reason == "state_expired"


def test_a_rotated_key_still_opens_what_it_sealed_and_a_removed_one_does_not(fleet: Fleet) -> None:
    call = fleet.begun(target="file")
    call.rig = fleet.environments["removed"]
    assert call.error(YES) == (400, -32602, NOT_YOURS)
    assert fleet.environments["removed"].reason == "state_unreadable"

    call.rig = fleet.environments["rotated"]
    assert call.says(YES) == "file purged"


def test_what_a_new_key_sealed_opens_where_that_key_is(fleet: Fleet) -> None:
    call = fleet.begun(place="rotated", target="file")
    call.rig = fleet.environments["removed"]

    assert call.says(YES) == "file purged"


def test_no_process_says_an_answer_or_a_state_in_its_log(fleet: Fleet, there: Elsewhere) -> None:
    call = fleet.begun("order")
    call.rig = there
    call.asked(accept(name="Countess"))

    for environment in fleet.environments.values():
        text = json.dumps(environment.lines)
        assert "Countess" not in text
        assert "v1." not in text
