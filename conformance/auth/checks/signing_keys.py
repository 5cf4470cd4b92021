"""How the server treats the issuer's key set: kept, not flooded, and up to date."""

from typing import Any

from conformance.auth.checks.refusing import lacks_control
from conformance.auth.checks.waiting import until
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Family, Level, Requirement, Result, failed, judged
from conformance.auth.server import Server

CALLS, STRANGE_KEYS, FETCHES_ALLOWED = 20, 30, 3


async def kept(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    before = issuer.key_fetches
    for _ in range(CALLS):
        await server.exchange(issuer.token())
    fetches = issuer.key_fetches - before
    return judged(fetches == 0, f"{fetches} fetches in {CALLS} calls")


async def no_flood(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    before = issuer.key_fetches
    for number in range(STRANGE_KEYS):
        await server.exchange(issuer.token({"kid": f"unknown_{number}"}))
    fetches = issuer.key_fetches - before
    return judged(fetches <= FETCHES_ALLOWED, f"{fetches} fetches for {STRANGE_KEYS} unknown keys")


async def rotation(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    issuer.rotate()
    answer, seconds = await until(server, issuer.token, lambda answer: answer.is_served)
    return judged(answer.is_served, f"{answer.told} after {seconds:.0f} s")


async def odd_keys(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    issuer.extra_keys = _ODD
    issuer.rotate()
    answer, seconds = await until(server, issuer.token, lambda answer: answer.is_served)
    issuer.extra_keys = []
    return judged(answer.is_served, f"{answer.told} after {seconds:.0f} s")


async def withdrawal(server: Server, issuer: Issuer) -> Result:
    old, old_id = issuer.key, issuer.key_id

    def old_token() -> str:
        return issuer.sign(issuer.claims(), {"kid": old_id}, old)

    if not (answer := await server.exchange(old_token())).is_served:
        return failed(f"the old key was not accepted either: {answer.told}")
    issuer.rotate()
    issuer.withdraw_old_keys()
    answer, _ = await until(server, issuer.token, lambda answer: answer.is_served)
    if not answer.is_served:
        return failed(f"the new key was not accepted: {answer.told}")
    answer = await server.exchange(old_token())
    return judged(answer.status == 401, answer.told)


_ODD: list[Any] = [
    {"kty": "OKP", "crv": "Ed25519", "kid": "odd_1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    {"kty": "quantum", "kid": "odd_2"},
    {"kid": "odd_3"},
    {"kty": "RSA", "kid": "odd_4", "use": "sig", "alg": "RS256"},
]
_SET = "RFC 7517 s. 5"
_ROTATION = "OpenID Connect Core s. 10.1.1"
FAMILY = Family(
    "Signing keys",
    (
        Requirement(
            "keys-kept",
            f"The key set is kept: {CALLS} calls cause no fetch",
            Level.SHOULD,
            _ROTATION,
            kept,
            inferred=True,
        ),
        Requirement(
            "keys-no-flood",
            f"{STRANGE_KEYS} tokens of unknown keys cause at most {FETCHES_ALLOWED} fetches",
            Level.SHOULD,
            _ROTATION,
            no_flood,
            inferred=True,
        ),
        Requirement(
            "keys-rotation",
            "A new key of the issuer is accepted without a restart",
            Level.SHOULD,
            _ROTATION,
            rotation,
        ),
        Requirement(
            "keys-odd",
            "Keys of a kind that is not understood, or broken, are passed over",
            Level.SHOULD,
            _SET,
            odd_keys,
        ),
        Requirement(
            "keys-withdrawn",
            "A key that the issuer lists no longer is not accepted once its new set was fetched",
            Level.SHOULD,
            _ROTATION,
            withdrawal,
            inferred=True,
        ),
    ),
)
