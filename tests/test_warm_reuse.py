"""One warm environment, many callers: nothing breaks on the second call, nothing leaks into it."""

import pytest

from app.authoring import NoSession, get_session
from tests.events import http_api
from tests.issuer import NOW, Issuer
from tests.rig import ERAS, HANDSHAKE_VERSIONS, MODERN, Rig


def test_callers_of_both_eras_each_see_themselves_and_the_keys_are_fetched_once(rig: Rig) -> None:
    people = [(f"user_{n}", f"org_{n % 3}", ERAS[n % 2]) for n in range(60)]

    seen = [
        rig.call("whoami", token=rig.issuer.token(sub=user, org_id=org), version=version)["structuredContent"]
        for user, org, version in people
    ]

    assert [(who["user_id"], who["organization_id"]) for who in seen] == [(user, org) for user, org, _ in people]
    assert rig.issuer.jwks_fetches == 1


def test_a_refused_call_between_two_good_ones_changes_nothing(rig: Rig) -> None:
    statuses = [
        rig.exchange("tools/list").status,
        rig.exchange("tools/list", token=rig.issuer.token(exp=NOW - 60)).status,
        rig.request("GET", token=rig.issuer.token()).status,
        rig.request().status,
        rig.exchange("tools/list").status,
    ]

    assert statuses == [200, 401, 405, 401, 200]


def test_after_a_call_nobody_is_the_caller(rig: Rig) -> None:
    rig.call("whoami")

    with pytest.raises(NoSession, match="call it inside a tool"):
        get_session()


@pytest.mark.parametrize("version", [*HANDSHAKE_VERSIONS, MODERN])
def test_every_protocol_version_is_served_by_the_same_warm_environment(version: str, rig: Rig) -> None:
    for _ in range(3):
        assert rig.call("whoami", version=version)["structuredContent"]["user_id"] == "user_01ALICE"


def test_two_environments_share_nothing() -> None:
    one, other = Rig(), Rig(issuer=Issuer(keys={"key_9": Issuer().keys["key_1"]}))

    one.call("whoami")
    other.call("whoami")

    assert one.exchange("tools/list", token=other.issuer.token()).status == 401


def test_a_warm_up_event_between_calls_does_no_harm(rig: Rig) -> None:
    rig.call("whoami")

    assert rig.handler({"source": "aws.events", "detail-type": "Scheduled Event"}, None)["statusCode"] == 204
    assert rig.send(http_api("GET", "/healthz")).status == 200
    rig.call("whoami")
