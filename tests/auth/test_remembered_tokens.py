"""The same token again is not verified again, and is refused all the same when it has to be."""

import asyncio
from dataclasses import replace

import pytest

from app.auth.refusals import Reason, TokenRefused
from app.auth.remembered import LONGEST, MOST, RememberedTokens, Verdict
from app.auth.signing_keys import TTL, SigningKeys
from app.auth.verifier import LEEWAY, TokenRules, Verifier
from tests.issuer import CLIENT_ID, NOW, RESOURCE, Issuer, stranger
from tests.log import Log
from tests.rig import SETTINGS, Rig


def verifier(issuer: Issuer, **rules: object) -> Verifier:
    keys = SigningKeys(f"{issuer.url}/oauth2/jwks", issuer.fetch, issuer.clock)
    usual = TokenRules(issuer=issuer.url, resource=RESOURCE, client_id=CLIENT_ID)
    return Verifier(replace(usual, **rules), keys, issuer.clock)  # type: ignore[arg-type]


def test_the_same_token_gives_the_very_same_session_without_another_proof() -> None:
    issuer = Issuer()
    verify = verifier(issuer).verify
    token = issuer.token()

    async def twice() -> bool:
        return await verify(token) is await verify(token)

    assert asyncio.run(twice())


def test_another_token_of_the_same_caller_is_proved_for_itself() -> None:
    issuer = Issuer()
    verify = verifier(issuer).verify

    async def both() -> tuple[str, str]:
        first, second = [await verify(issuer.token(jti=jti)) for jti in ("one", "two")]
        return first.token_id, second.token_id

    assert asyncio.run(both()) == ("one", "two")


@pytest.mark.parametrize("place", [0, 40, -1, -40])
def test_a_token_that_differs_in_one_character_is_refused(place: int, rig: Rig) -> None:
    token = rig.issuer.token()
    assert rig.exchange("tools/list", token=token).status == 200
    signature = token.rindex(".") + 1
    at = signature + place if place >= 0 else len(token) + place - 1
    changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]

    assert rig.exchange("tools/list", token=changed).status == 401


def test_its_end_is_looked_at_each_time(rig: Rig, log: Log) -> None:
    token = rig.issuer.token(exp=NOW + 300)
    assert rig.exchange("tools/list", token=token).status == 200

    rig.issuer.clock.now = NOW + 300 + LEEWAY - 1
    assert rig.exchange("tools/list", token=token).status == 200
    rig.issuer.clock.now = NOW + 300 + LEEWAY
    assert rig.exchange("tools/list", token=token).status == 401
    assert log("refused")[-1]["reason"] == "expired"


def test_its_beginning_is_looked_at_again_when_the_clock_is_set_back(rig: Rig, log: Log) -> None:
    token = rig.issuer.token(nbf=NOW)
    assert rig.exchange("tools/list", token=token).status == 200

    rig.issuer.clock.now = NOW - LEEWAY - 1
    assert rig.exchange("tools/list", token=token).status == 401
    assert log("refused")[-1]["reason"] == "not_yet_valid"


def test_the_withdrawal_of_its_key_ends_it_with_the_refresh_that_shows_it(rig: Rig, log: Log) -> None:
    token = rig.issuer.token(exp=NOW + 9 * TTL)
    assert rig.exchange("tools/list", token=token).status == 200
    rig.issuer.keys = {"key_2": stranger()}

    rig.issuer.clock.now += TTL - 1
    assert rig.exchange("tools/list", token=token).status == 200
    rig.issuer.clock.now += 1
    assert rig.exchange("tools/list", token=token).status == 401
    assert log("refused")[-1]["reason"] == "unknown_key"


def test_a_new_key_under_the_same_kid_ends_it(rig: Rig, log: Log) -> None:
    token = rig.issuer.token(exp=NOW + 9 * TTL)
    assert rig.exchange("tools/list", token=token).status == 200
    (kid,) = rig.issuer.keys
    rig.issuer.keys = {kid: stranger()}

    rig.issuer.clock.now += TTL
    assert rig.exchange("tools/list", token=token).status == 401
    assert log("refused")[-1]["reason"] == "signature"


def test_a_caller_who_lost_a_scope_that_the_server_needs_is_refused_each_time() -> None:
    rig = Rig(replace(SETTINGS, required_scopes=("files:read",)))
    token = rig.issuer.token()

    assert [rig.exchange("tools/list", token=token).status for _ in range(3)] == [403] * 3


def test_a_legacy_audience_is_counted_each_time(log: Log) -> None:
    rig = Rig(replace(SETTINGS, token_audience="both"))
    token = rig.issuer.token(aud=CLIENT_ID)

    assert [rig.exchange("tools/list", token=token).status for _ in range(3)] == [200] * 3
    assert len(log("legacy audience accepted")) == 3


def test_a_refusal_is_not_remembered() -> None:
    issuer = Issuer()
    verify = verifier(issuer).verify
    token = issuer.token(iat=NOW + 60, exp=NOW + 600)

    async def early_and_in_time() -> str:
        with pytest.raises(TokenRefused) as refused:
            await verify(token)
        assert refused.value.reason is Reason.ISSUED_IN_FUTURE
        issuer.clock.now += 60
        return (await verify(token)).user_id

    assert asyncio.run(early_and_in_time()) == "user_01ALICE"


def verdict() -> Verdict:
    issuer = Issuer()
    (kid,) = issuer.keys
    session = asyncio.run(verifier(issuer).verify(issuer.token()))
    return Verdict(session, kid, issuer.keys[kid].public_key())


def test_of_more_tokens_than_are_remembered_the_one_not_seen_for_longest_goes() -> None:
    remembered, kept = RememberedTokens(), verdict()
    for number in range(MOST):
        remembered.keep(f"token-{number}", kept)
    assert remembered.find("token-0") is kept

    remembered.keep("one more", kept)

    assert remembered.find("token-0") is kept
    assert remembered.find("token-1") is None
    assert len(remembered) == MOST


def test_a_very_long_token_is_not_remembered() -> None:
    remembered, kept = RememberedTokens(), verdict()

    remembered.keep("a" * (LONGEST + 1), kept)
    remembered.keep("a" * LONGEST, kept)

    assert remembered.find("a" * (LONGEST + 1)) is None
    assert remembered.find("a" * LONGEST) is kept
