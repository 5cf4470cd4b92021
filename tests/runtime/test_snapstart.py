"""SnapStart: the artefact under Lambda's own runtime client, which runs the hooks and asks to be restored."""

import pytest

from tests.loopback_issuer import LoopbackIssuer
from tests.runtime.artefact import Artefact
from tests.runtime.runtime_api import SnapStart

pytestmark = [pytest.mark.runtime, pytest.mark.timeout(180)]


def test_the_runtime_asks_for_its_restore_before_anything_was_fetched(
    artefact: Artefact, vendor: LoopbackIssuer
) -> None:
    with SnapStart(artefact, vendor.settings) as function:
        assert function.wait_until_ready().endswith("/restore/next")
        assert vendor.asked == []


def test_a_restored_environment_serves(artefact: Artefact, vendor: LoopbackIssuer) -> None:
    with SnapStart(artefact, vendor.settings) as function:
        function.wait_until_ready()
        function.restore()
        answers = [function.send(vendor.call("whoami"))[0] for _ in range(3)]

    assert [answer.json["result"]["isError"] for answer in answers] == [False] * 3
    assert vendor.jwks_fetches == 1


def test_without_snapstart_the_same_artefact_starts_at_its_first_event(
    artefact: Artefact, vendor: LoopbackIssuer
) -> None:
    with SnapStart(artefact, vendor.settings, kind="on-demand") as function:
        assert function.wait_until_ready().endswith("/invocation/next")
        assert function.send(vendor.call("whoami"))[0].status == 200
