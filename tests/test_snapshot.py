"""SnapStart: what happens before the snapshot, and that a restored environment trusts nothing that aged in it."""

import asyncio
import gc
import importlib
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import mcp_types
import pytest
from pydantic import BaseModel

from app.runtime import snapstart as snapshot
from app.runtime.secrets import SecretSources, ServerSecrets
from tests.blocks import ROOT
from tests.issuer import Clock, Issuer
from tests.log import Log, lines_of
from tests.loopback_issuer import KEYS, SSM, LoopbackIssuer, loopback_issuer
from tests.rig import ERAS, Rig, with_settings
from tests.snapshot.restoring import SnapStartFunction

DAYS = 3 * 24 * 3600.0


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The library that Lambda's runtime brings, with nothing registered."""
    monkeypatch.syspath_prepend(ROOT / "tests/snapshot/library")
    yield importlib.import_module("snapshot_restore_py")
    del sys.modules["snapshot_restore_py"]


def test_warming_up_serves_without_a_fetch_a_log_line_or_a_secret(rig: Rig, log: Log) -> None:
    snapshot.warm_up(rig.handler)

    assert rig.issuer.fetched == []
    assert log() == []


def test_the_public_keys_are_fetched_ahead_and_serve_the_first_call(rig: Rig, log: Log) -> None:
    snapshot.warm_up(rig.handler, rig.app.state.prepare_snapshot)
    before = list(rig.issuer.fetched)
    rig.call("whoami")

    assert before == rig.issuer.fetched == [f"{rig.settings.issuer}/oauth2/jwks"]
    assert rig.issuer.waited == [3.0]
    assert [line["keys"] for line in log("signing keys for the snapshot")] == [1]


def test_keys_that_cannot_be_fetched_ahead_are_fetched_by_the_first_call(rig: Rig, log: Log) -> None:
    rig.issuer.down = True
    snapshot.warm_up(rig.handler, rig.app.state.prepare_snapshot)
    rig.issuer.down = False
    rig.call("whoami")

    assert rig.issuer.jwks_fetches == 2
    assert len(log("no signing keys for the snapshot")) == 1


def test_where_it_is_turned_off_nothing_is_fetched_ahead() -> None:
    assert with_settings(key_file=None).app.state.prepare_snapshot is None


@pytest.mark.broad
def test_what_was_loaded_before_the_snapshot_is_not_searched_for_garbage_during_calls(rig: Rig) -> None:
    gc.unfreeze()  # what tests/conftest.py set aside
    snapshot.warm_up(rig.handler)

    assert gc.get_freeze_count() > 100_000


def test_what_was_left_for_its_first_use_is_built_before_the_snapshot(rig: Rig) -> None:
    snapshot.warm_up(rig.handler)

    models = [kind for kind in vars(mcp_types).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]
    assert len(models) > 100
    assert [model for model in models if not model.__pydantic_complete__] == []


def test_after_warming_up_the_log_is_as_always(rig: Rig, log: Log) -> None:
    snapshot.warm_up(rig.handler)
    rig.call("whoami")

    assert len(log("exchange")) == 1


def test_the_log_comes_back_even_if_warming_up_fails(rig: Rig, log: Log) -> None:
    def broken(event: Any, context: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        snapshot.warm_up(broken)
    rig.call("whoami")

    assert len(log("exchange")) == 1


def test_lambdas_runtime_warms_up_before_the_snapshot_and_renews_randomness_after_it(
    runtime: ModuleType, rig: Rig
) -> None:
    served: list[str] = []

    def handler(event: Any, context: Any) -> Any:
        served.append(event["rawPath"])
        return rig.handler(event, context)

    snapshot.register(handler)
    runtime.run_before_snapshot()
    frozen = random.getstate()
    runtime.run_after_restore()

    assert served == ["/.well-known/oauth-protected-resource", "/mcp"]
    assert random.getstate() != frozen


def test_without_that_library_the_function_works_all_the_same(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", None)

    snapshot.register(rig.handler)

    rig.call("whoami")


def test_without_boto3_warming_up_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("boto3")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "boto3", None)

    snapshot.warm_up(rig.handler)

    rig.call("whoami")


def test_two_environments_of_one_snapshot_draw_different_numbers() -> None:
    frozen = random.getstate()
    drawn = set()
    for _ in range(2):
        random.setstate(frozen)
        snapshot.renew_randomness()
        drawn.add(random.getstate())

    assert len(drawn) == 2


def test_days_later_the_signing_keys_are_fetched_again_and_a_withdrawn_one_is_refused(rig: Rig) -> None:
    rig.call("whoami")
    withdrawn = Issuer(clock=rig.issuer.clock)
    rig.issuer.rotate()
    rig.issuer.clock.now += DAYS

    assert rig.exchange("tools/list", token=withdrawn.token()).status == 401
    assert rig.exchange("tools/list").status == 200
    assert rig.issuer.jwks_fetches == 2


def test_days_later_keys_that_cannot_be_fetched_again_serve_no_longer(rig: Rig) -> None:
    rig.call("whoami")
    rig.issuer.down = True
    rig.issuer.clock.now += DAYS

    assert rig.exchange("tools/list").status == 503


def test_a_token_that_was_good_before_the_snapshot_is_expired_after_it(rig: Rig) -> None:
    token = rig.issuer.token()
    rig.call("whoami", token=token)
    rig.issuer.clock.now += DAYS

    assert rig.exchange("tools/list", token=token).json["error"] == "invalid_token"


def test_a_clock_that_was_set_back_since_the_snapshot_keeps_nothing_for_longer(rig: Rig) -> None:
    rig.call("whoami")
    rig.issuer.rotate()
    rig.issuer.clock.now -= DAYS

    assert rig.exchange("tools/list").status == 200
    assert rig.issuer.jwks_fetches == 2


def test_days_later_the_secrets_are_fetched_again() -> None:
    clock, values = Clock(), {"/app/dev/api-key": "sk_1"}

    async def fetch(names: tuple[str, ...]) -> Mapping[str, str]:
        return dict(values)

    keys = ServerSecrets(SecretSources(api_key_parameter="/app/dev/api-key"), fetch, clock)
    before = asyncio.run(keys.api_key())
    values["/app/dev/api-key"] = "sk_2"
    clock.now += DAYS

    assert (before, asyncio.run(keys.api_key())) == ("sk_1", "sk_2")


@dataclass(frozen=True)
class Stack:
    vendor: LoopbackIssuer
    function: SnapStartFunction


@pytest.fixture
def snapstart() -> Iterator[Callable[..., Stack]]:
    """A function with these tools, in a process of its own, and the WorkOS that it knows."""
    with ExitStack() as stack:

        def start(tools: str, **settings: str) -> Stack:
            vendor = stack.enter_context(loopback_issuer())
            function = SnapStartFunction(tools, {**vendor.settings, **settings})
            stack.callback(function.close)
            return Stack(vendor, function)

        yield start


@pytest.mark.broad
def test_the_snapshot_holds_public_keys_and_no_connection(snapstart: Callable[[str], Stack]) -> None:
    stack = snapstart("tests.catalogues.usual.tools")
    before = stack.function.before_the_snapshot

    assert [path for path, _ in stack.vendor.asked] == [KEYS]
    assert (before["contacted_by_import"], before["contacted"]) == ([], ["socket.connect"])
    assert (before["connections"], before["threads"]) == (0, 1)
    (line,) = lines_of(before["logged"])
    assert (line["message"], line["keys"]) == ("signing keys for the snapshot", 1)


@pytest.mark.broad
def test_where_it_is_turned_off_nobody_is_asked_before_the_snapshot(snapstart: Callable[..., Stack]) -> None:
    before = snapstart("tests.catalogues.usual.tools", KEY_SNAPSHOT="false").function.before_the_snapshot

    assert (before["contacted"], before["logged"]) == ([], "")


@pytest.mark.broad
def test_the_first_call_of_a_restored_environment_fetches_no_keys(snapstart: Callable[[str], Stack]) -> None:
    stack = snapstart("tests.catalogues.usual.tools")
    stack.vendor.issuer.down = True

    for _ in range(3):
        with stack.function.restore() as environment:
            assert environment.send(stack.vendor.call("whoami")).status == 200

    assert [path for path, _ in stack.vendor.asked] == [KEYS]


@pytest.mark.broad
def test_environments_of_one_snapshot_share_its_keys_and_ask_the_rest_over_connections_of_their_own(
    snapstart: Callable[[str], Stack],
) -> None:
    stack = snapstart("tests.catalogues.workos")

    for _ in range(3):
        with stack.function.restore() as environment:
            answers = [environment.send(stack.vendor.call("me")) for _ in range(2)]
            assert [answer.json["result"]["isError"] for answer in answers] == [False, False]

    user = "/user_management/users/user_01ALICE"
    assert [path for path, _ in stack.vendor.asked] == [KEYS] + [SSM, user, user] * 3
    # One for the keys, then one each for the secret and WorkOS: no environment goes on with those of another.
    assert len({port for _, port in stack.vendor.asked}) == 1 + 6


@pytest.mark.broad
def test_without_a_shared_key_no_environment_opens_the_request_state_of_another(
    snapstart: Callable[..., Stack],
) -> None:
    stack = snapstart("tests.catalogues.asking", REQUEST_STATE_KEY="", WORKER_FUNCTION="")

    def resume(state: str) -> dict[str, Any]:
        answer = {"inputResponses": {"sure": {"action": "accept"}}, "requestState": state}
        return stack.vendor.exchange("tools/call", {"name": "confirm", "arguments": {"target": "file"}, **answer})

    with stack.function.restore() as here:
        state = here.send(stack.vendor.call("confirm", target="file")).json["result"]["requestState"]
        assert here.send(resume(state)).status == 200
    with stack.function.restore() as there:
        assert there.send(resume(state)).status == 400


@pytest.mark.broad
@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("method", ["tools/call", "tools/list"])
def test_the_first_request_after_a_restore_imports_nothing_and_builds_no_schema(
    snapstart: Callable[..., Stack], method: str, version: str
) -> None:
    stack = snapstart("tests.catalogues.asking" if method == "tools/list" else "tests.catalogues.usual.tools")
    params = {"name": "whoami", "arguments": {}} if method == "tools/call" else {}

    with stack.function.restore() as environment:
        answer = environment.send(stack.vendor.exchange(method, params, version=version))

    assert answer.status == 200, "and what it imported and built is compared in restoring.py"
