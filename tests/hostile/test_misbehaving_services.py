"""AuthKit, SSM and the quota's table may answer anything: callers get a clear answer, and recovery afterwards."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.quota import TableUnavailable
from app.access.quota_rules import QuotaRules
from app.runtime.secrets import ParametersUnavailable
from tests.catalogues import asking
from tests.hostile.neighbours import Neighbours, neighbours
from tests.hostile.runs import any_of
from tests.hostile.values import exchanged, finite, json_values
from tests.issuer import ISSUER, Issuer, public_jwk
from tests.rig import ERAS, SETTINGS, Rig

pytestmark = pytest.mark.broad

JWKS = f"{ISSUER}/oauth2/jwks"
METADATA = f"{ISSUER}/.well-known/oauth-authorization-server"
errors = st.sampled_from([OSError, ValueError, TimeoutError, RuntimeError, KeyError, RecursionError, MemoryError])


def written(value: Any) -> bytes:
    return json.dumps(finite(value)).encode()


@any_of(80)
@given(st.data())
def test_key_sets(data: st.DataObject) -> None:
    issuer = Issuer()
    good = {"keys": [public_jwk("key_1", issuer.keys["key_1"])]}
    with neighbours(Rig(issuer=issuer)) as environment:
        document = st.one_of(st.binary(max_size=40), json_values.map(written), exchanged(good).map(written))
        issuer.documents[JWKS] = data.draw(document)
        answer = environment.attack(environment.call("whoami", {}), statuses=(503,))
        assert answer.status in (200, 401, 503)
        check_503(answer)

        del issuer.documents[JWKS]
        issuer.clock.now += 31  # seconds: a key id that was not there may be asked for again
        environment.check_neighbour()


@any_of(40)
@given(st.data())
def test_authorization_server_documents(data: st.DataObject) -> None:
    issuer = Issuer()
    with neighbours(Rig(issuer=issuer)) as environment:
        issuer.documents[METADATA] = data.draw(st.one_of(st.binary(max_size=40), json_values.map(written)))
        answer = environment.rig.request("GET", "/.well-known/oauth-authorization-server")

        assert (answer.status, answer.json["issuer"]) == (200, ISSUER)
        environment.check_neighbour()


@dataclass
class Store:
    """Where SSM would be."""

    answer: Any = None
    asked: int = 0

    async def fetch(self, names: tuple[str, ...]) -> Mapping[str, str]:
        self.asked += 1
        if isinstance(self.answer, type) and issubclass(self.answer, BaseException):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


parameters: st.SearchStrategy[Any] = st.one_of(
    errors,
    st.just(ParametersUnavailable).map(lambda kind: type("Down", (kind,), {"__init__": _down})),
    st.dictionaries(st.sampled_from(["/key", "/other", ""]), st.one_of(st.text(), st.none(), st.integers())),
    st.sampled_from([None, [], "text", 3, b""]),
)


def _down(self: ParametersUnavailable) -> None:
    ParametersUnavailable.__init__(self, "unreachable")


@any_of(80)
@given(parameters, st.sampled_from(ERAS))
def test_parameters(answer: Any, version: str) -> None:
    store = Store(answer)
    keyed = replace(SETTINGS, request_state_keys=(), request_state_key_parameter="/key")
    with neighbours(Rig(keyed, tools=asking, fetch_parameters=store.fetch)) as environment:
        params = {"name": "confirm", "arguments": {}, "requestState": "x"}
        given_up = environment.attack(environment.request("tools/call", params, version), statuses=(503,))

        assert given_up.status in (200, 400, 404, 503)
        check_503(given_up)


@dataclass
class Table:
    """Where DynamoDB would be."""

    outcomes: list[Any] = field(default_factory=list)

    async def count(self, key: str, limit: int, expires_at: int) -> bool:
        outcome = self.outcomes.pop() if self.outcomes else True
        if isinstance(outcome, str):
            raise TableUnavailable(outcome)
        return bool(outcome)


@pytest.mark.parametrize("when", ["allow", "deny"])
@any_of(30)
@given(
    outcomes=st.lists(st.one_of(st.booleans(), st.sampled_from(["throttled", "missing", "denied"])), max_size=4)
)
def test_counts(when: Any, outcomes: list[Any]) -> None:
    rules = QuotaRules(table="table", per_user=5, per_organization=9, window_seconds=60, when_unavailable=when)
    table = Table(list(outcomes))
    with neighbours(Rig(replace(SETTINGS, quota=rules), table=lambda name: table)) as environment:
        answer = environment.attack(environment.call("whoami", {}))
        assert answer.status == 200

        table.outcomes.clear()
        environment.rig.issuer.clock.now += 60
        environment.check_neighbour()


def check_503(answer: Any) -> None:
    if answer.status == 503:
        assert int(answer.headers["retry-after"]) >= 1


@pytest.fixture(scope="module")
def environment() -> Iterator[Neighbours]:
    with neighbours(Rig()) as environment:
        yield environment


def test_an_outage_of_the_keys_is_no_bad_token(environment: Neighbours) -> None:
    issuer = Issuer(down=True)
    with neighbours(Rig(issuer=issuer)) as fresh:
        assert fresh.attack(fresh.call("whoami", {}), statuses=(503,)).status == 503
