"""SnapStart: the artefact under Lambda's own runtime client, which runs the hooks and asks to be restored."""

import pytest

from tests.loopback_issuer import KEYS, LoopbackIssuer
from tests.runtime.artefact import Artefact
from tests.runtime.runtime_api import SnapStart

pytestmark = [pytest.mark.runtime, pytest.mark.timeout(180)]


def test_before_the_runtime_asks_for_its_restore_the_public_keys_alone_are_fetched(
    artefact: Artefact, vendor: LoopbackIssuer
) -> None:
    with SnapStart(artefact, vendor.settings) as function:
        assert function.wait_until_ready().endswith("/restore/next")
        assert [path for path, _ in vendor.asked] == [KEYS]


def test_a_restored_environment_serves_without_another_fetch(artefact: Artefact, vendor: LoopbackIssuer) -> None:
    with SnapStart(artefact, vendor.settings) as function:
        function.wait_until_ready()
        function.restore()
        answers = [function.send(vendor.call("whoami"))[0] for _ in range(3)]

    assert [answer.json["result"]["isError"] for answer in answers] == [False] * 3
    assert vendor.jwks_fetches == 1


def test_where_it_is_turned_off_nothing_is_fetched_before_the_first_call(
    artefact: Artefact, vendor: LoopbackIssuer
) -> None:
    with SnapStart(artefact, {**vendor.settings, "KEY_SNAPSHOT": "false"}) as function:
        function.wait_until_ready()
        before = list(vendor.asked)
        function.restore()
        answer, _ = function.send(vendor.call("whoami"))

    assert (before, answer.status, vendor.jwks_fetches) == ([], 200, 1)


def test_without_snapstart_the_same_artefact_starts_at_its_first_event(
    artefact: Artefact, vendor: LoopbackIssuer
) -> None:
    with SnapStart(artefact, vendor.settings, kind="on-demand") as function:
        assert function.wait_until_ready().endswith("/invocation/next")
        assert vendor.asked == []
        assert function.send(vendor.call("whoami"))[0].status == 200
