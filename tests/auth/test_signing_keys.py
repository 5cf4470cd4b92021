"""The JWKS rules: one fetch for any number of calls, no flood, no outage that looks like a bad token."""

import asyncio
import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

from app.auth.fetch import FetchFailed
from app.auth.jwk_set import read_jwk_set
from app.auth.refusals import KeysUnavailable
from app.auth.signing_keys import SigningKeys
from tests.issuer import ISSUER, Issuer, public_jwk, stranger
from tests.log import Log
from tests.rig import Answer, Rig

JWKS = f"{ISSUER}/oauth2/jwks"


def ask(rig: Rig, **options: Any) -> Answer:
    return rig.exchange("tools/list", **options)


def unknown_kid(rig: Rig) -> str:
    return rig.issuer.token({"kid": "unknown"})


def test_nothing_is_fetched_before_the_first_token(rig: Rig) -> None:
    rig.request("GET", "/healthz")
    rig.request()

    assert rig.issuer.fetched == []


def test_one_fetch_serves_any_number_of_warm_calls(rig: Rig) -> None:
    assert [ask(rig).status for _ in range(50)] == [200] * 50
    assert rig.issuer.fetched == [JWKS]


def test_keys_are_fetched_again_after_an_hour(rig: Rig) -> None:
    ask(rig)
    rig.issuer.clock.now += 3599
    ask(rig)
    before = rig.issuer.jwks_fetches
    rig.issuer.clock.now += 1
    ask(rig)

    assert (before, rig.issuer.jwks_fetches) == (1, 2)


def test_a_flood_of_unknown_kids_causes_no_fetch_within_30_seconds(rig: Rig) -> None:
    ask(rig)
    rig.issuer.clock.now += 29.9

    assert [ask(rig, token=rig.issuer.token({"kid": f"random{n}"})).status for n in range(20)] == [401] * 20
    assert rig.issuer.jwks_fetches == 1


def test_a_flood_of_unknown_kids_causes_one_fetch_every_30_seconds(rig: Rig) -> None:
    ask(rig)
    for second in range(300):
        rig.issuer.clock.now += 1
        ask(rig, token=rig.issuer.token({"kid": f"random{second}"}))

    assert rig.issuer.jwks_fetches == 1 + 10


def test_a_new_key_is_found_and_the_withdrawn_one_is_gone(rig: Rig) -> None:
    old = rig.issuer.token(exp=2_000_000_000)
    ask(rig, token=old)
    rig.issuer.rotate()
    rig.issuer.clock.now += 30

    assert ask(rig, token=rig.issuer.token()).status == 200
    assert ask(rig, token=old).status == 401
    assert rig.issuer.jwks_fetches == 2


def test_a_second_rotation_within_30_seconds_is_a_401_until_keys_may_be_fetched_again(rig: Rig) -> None:
    ask(rig)
    rig.issuer.clock.now += 60
    rig.issuer.rotate("key_2")
    first = ask(rig).status
    rig.issuer.rotate("key_3")
    answers = []
    for _ in range(31):
        answers.append(ask(rig).status)
        rig.issuer.clock.now += 1

    assert (first, answers) == (200, [401] * 30 + [200])


def test_a_cold_start_during_an_outage_is_503_with_a_wait_and_no_challenge(rig: Rig) -> None:
    rig.issuer.down = True

    answer = ask(rig)

    assert answer.status == 503
    assert answer.json["error"] == "temporarily_unavailable"
    assert answer.headers["retry-after"] == "5"
    assert "www-authenticate" not in answer.headers


def test_a_failed_fetch_is_not_repeated_for_5_seconds(rig: Rig) -> None:
    rig.issuer.down = True
    ask(rig)
    rig.issuer.clock.now += 4.5
    meanwhile = ask(rig)
    fetches = rig.issuer.jwks_fetches
    rig.issuer.clock.now += 0.5
    rig.issuer.down = False

    assert (meanwhile.status, meanwhile.headers["retry-after"], fetches) == (503, "1", 1)
    assert ask(rig).status == 200


def test_old_keys_serve_through_an_outage_for_a_day(rig: Rig) -> None:
    ask(rig)
    rig.issuer.down = True
    rig.issuer.clock.now += 24 * 3600 - 1
    last = ask(rig)
    rig.issuer.clock.now += 1
    too_late = ask(rig)
    rig.issuer.clock.now += 5
    rig.issuer.down = False

    assert (last.status, too_late.status) == (200, 503)
    assert ask(rig).status == 200


def test_old_keys_are_tried_anew_every_5_seconds_of_an_outage_and_no_oftener(rig: Rig) -> None:
    ask(rig)
    rig.issuer.down = True
    rig.issuer.clock.now += 3600
    for _ in range(10):
        ask(rig)
    within = rig.issuer.jwks_fetches
    rig.issuer.clock.now += 5
    ask(rig)

    assert (within, rig.issuer.jwks_fetches) == (2, 3)


def test_an_unknown_kid_during_an_outage_is_503_because_the_key_may_be_new(rig: Rig) -> None:
    ask(rig)
    rig.issuer.down = True
    rig.issuer.clock.now += 30

    answers = [ask(rig, token=unknown_kid(rig)), ask(rig, token=unknown_kid(rig))]

    assert [answer.status for answer in answers] == [503, 503]
    assert [answer.headers["retry-after"] for answer in answers] == ["30", "30"]
    assert rig.issuer.jwks_fetches == 2
    assert ask(rig).status == 200


def test_a_clock_that_was_set_back_makes_the_keys_due_not_eternal(rig: Rig) -> None:
    ask(rig)
    rig.issuer.clock.now -= 86400

    assert ask(rig).status == 200
    assert rig.issuer.jwks_fetches == 2


def test_a_failed_fetch_is_logged_with_its_cause(rig: Rig, log: Log) -> None:
    rig.issuer.down = True
    ask(rig)

    (line,) = log("signing keys could not be fetched")
    assert (line["reason"], line["detail"]) == ("jwks_fetch", "down")


def test_callers_that_arrive_together_share_one_fetch() -> None:
    issuer = Issuer()
    keys = SigningKeys(JWKS, issuer.fetch, issuer.clock)

    async def together() -> list[PyJWK]:
        return await asyncio.gather(*(keys.find("key_1") for _ in range(20)))

    assert len(set(map(id, asyncio.run(together())))) == 1
    assert issuer.jwks_fetches == 1


def test_callers_that_wait_for_a_failing_fetch_do_not_repeat_it() -> None:
    issuer = Issuer(down=True)
    keys = SigningKeys(JWKS, issuer.fetch, issuer.clock)

    async def together() -> list[PyJWK | BaseException]:
        return await asyncio.gather(*(keys.find("key_1") for _ in range(20)), return_exceptions=True)

    assert {type(outcome) for outcome in asyncio.run(together())} == {KeysUnavailable}
    assert issuer.jwks_fetches == 1


def test_a_caller_that_is_cancelled_leaves_the_others_their_keys() -> None:
    issuer = Issuer()
    entered = asyncio.Event()
    hanging = True

    async def fetch(url: str, *, seconds: float) -> bytes:
        if hanging:
            entered.set()
            await asyncio.Event().wait()
        return await issuer.fetch(url, seconds=seconds)

    async def scenario() -> PyJWK:
        nonlocal hanging
        keys = SigningKeys(JWKS, fetch, issuer.clock)
        first = asyncio.ensure_future(keys.find("key_1"))
        await entered.wait()
        hanging = False
        first.cancel()
        await asyncio.wait([first])
        return await keys.find("key_1")

    assert asyncio.run(scenario()).key.key_size == 2048


def _ec_jwk() -> dict[str, Any]:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {**ECAlgorithm.to_jwk(key, as_dict=True), "kid": "ec", "use": "sig"}


def _short_jwk() -> dict[str, Any]:
    return public_jwk("short", rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505


GOOD = public_jwk("good", stranger())


@pytest.mark.parametrize(
    ("name", "jwk"),
    [
        ("an EC key", _ec_jwk()),
        ("an encryption key", {**GOOD, "use": "enc"}),
        ("a key for another algorithm", {**GOOD, "alg": "PS256"}),
        ("a key that may not verify", {**GOOD, "key_ops": ["encrypt"]}),
        ("key_ops that is no list", {**GOOD, "key_ops": "verify"}),
        ("a key without kid", {name: value for name, value in GOOD.items() if name != "kid"}),
        ("a key with an empty kid", {**GOOD, "kid": ""}),
        ("a key with 1024 bits", _short_jwk()),
        ("a key without modulus", {name: value for name, value in GOOD.items() if name != "n"}),
        ("a modulus that is no base64", {**GOOD, "n": "!"}),
        ("a modulus that is no text", {**GOOD, "n": 5}),
        ("a modulus with a letter that base64url does not have", {**GOOD, "n": GOOD["n"] + "ü"}),
        ("an exponent with a letter that base64url does not have", {**GOOD, "e": GOOD["e"] + "ü"}),
        ("a key of a kind that is not known", {**GOOD, "kty": "AKP"}),
        ("a symmetric key", {"kty": "oct", "k": "c2VjcmV0", "kid": "oct", "alg": "HS256"}),
        ("an even exponent", {**GOOD, "e": base64.urlsafe_b64encode(b"\x02").decode()}),
        ("no object", "key"),
    ],
)
def test_a_key_of_another_kind_is_passed_over(name: str, jwk: Any) -> None:
    assert list(read_jwk_set(json.dumps({"keys": [jwk, GOOD]}).encode())) == ["good"]
    with pytest.raises(FetchFailed, match="no usable key"):
        read_jwk_set(json.dumps({"keys": [jwk]}).encode())


@pytest.mark.parametrize(
    "jwk",
    [
        {**GOOD, "use": "sig"},
        {name: GOOD[name] for name in ("kty", "kid", "n", "e")},
        {**GOOD, "d": "AQAB"},
        {**GOOD, "oth": []},
    ],
)
def test_every_usual_form_of_a_signature_key_is_taken(jwk: dict[str, Any]) -> None:
    assert list(read_jwk_set(json.dumps({"keys": [jwk]}).encode())) == ["good"]


def test_of_two_keys_with_one_kid_the_first_counts() -> None:
    issuer = Issuer()
    first, second = public_jwk("same", issuer.keys["key_1"]), public_jwk("same", stranger())

    keys = read_jwk_set(json.dumps({"keys": [first, second]}).encode())

    assert keys["same"].key.public_numbers() == issuer.keys["key_1"].public_key().public_numbers()


@pytest.mark.parametrize(
    "document", [b"", b"<html>", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[]}', b"[" * 100_000]
)
def test_a_document_that_is_no_key_set_is_a_failed_fetch(document: bytes, rig: Rig) -> None:
    rig.issuer.documents[JWKS] = document

    assert ask(rig).status == 503


def test_a_bad_document_does_not_replace_good_keys(rig: Rig) -> None:
    ask(rig)
    rig.issuer.documents[JWKS] = b'{"keys":[]}'
    rig.issuer.clock.now += 3600

    assert ask(rig).status == 200


def test_a_clock_that_was_set_back_a_little_keeps_the_keys_through_an_outage(rig: Rig) -> None:
    ask(rig)
    rig.issuer.down = True
    rig.issuer.clock.now -= 0.001

    assert ask(rig).status == 200


def test_a_clock_that_is_set_back_during_a_failed_fetch_is_still_a_503() -> None:
    moments = iter([1000.0] * 4 + [999.0] * 4)

    async def fetch(url: str, *, seconds: float) -> bytes:
        raise FetchFailed("down")

    with pytest.raises(KeysUnavailable) as caught:
        asyncio.run(SigningKeys(JWKS, fetch, lambda: next(moments)).find("key_1"))
    assert caught.value.retry_after >= 1


def test_keys_and_metadata_are_waited_for_as_long_as_the_contract_says(rig: Rig) -> None:
    ask(rig)
    rig.issuer.documents[f"{ISSUER}/.well-known/oauth-authorization-server"] = b"{}"
    rig.request("GET", "/.well-known/oauth-authorization-server")

    assert rig.issuer.waited == [3.0, 5.0]


def _keys_of(issuer: Issuer) -> SigningKeys:
    """Keys that were fetched once."""
    keys = SigningKeys(JWKS, issuer.fetch, issuer.clock)
    asyncio.run(keys.find("key_1"))
    return keys


def test_no_key_is_known_before_the_first_fetch() -> None:
    issuer = Issuer()

    assert SigningKeys(JWKS, issuer.fetch, issuer.clock).peek("key_1") is None
    assert issuer.fetched == []


def test_a_known_key_is_the_very_one_that_is_found_and_is_due_after_an_hour() -> None:
    issuer = Issuer()
    keys = _keys_of(issuer)
    issuer.clock.now += 3599
    known, unknown, found = keys.peek("key_1"), keys.peek("key_2"), asyncio.run(keys.find("key_1"))
    issuer.clock.now += 1
    due = keys.peek("key_1")

    assert known is found
    assert (unknown, due, issuer.jwks_fetches) == (None, None, 1)


def test_a_withdrawn_key_is_no_longer_known() -> None:
    issuer = Issuer()
    keys = _keys_of(issuer)
    issuer.rotate()
    issuer.clock.now += 3600
    asyncio.run(keys.find("key_2"))

    assert keys.peek("key_1") is None
    assert keys.peek("key_2") is not None


def test_old_keys_are_known_while_an_outage_is_not_tried_again_and_for_a_day_at_most() -> None:
    issuer = Issuer()
    keys = _keys_of(issuer)
    issuer.down = True
    issuer.clock.now += 24 * 3600 - 1
    asyncio.run(keys.find("key_1"))
    within = keys.peek("key_1")
    issuer.clock.now += 1
    too_old = keys.peek("key_1")

    assert within is not None
    assert too_old is None
