"""Tokens that the issuer did not sign."""

import json
from collections.abc import Callable

from conformance.auth.checks.refusing import Make, by_stranger, refuses
from conformance.auth.checks.specs import TOKENS
from conformance.auth.issuer import ABSENT, Issuer
from conformance.auth.jose import compact, encoded, hmac_compact, public_jwk, public_pem
from conformance.auth.requirement import Check, Family, Level, Requirement


def unsigned(algorithm: str) -> Make:
    return lambda issuer: f"{encoded({'alg': algorithm, 'kid': issuer.key_id})}.{encoded(issuer.claims())}."


def by_secret(secret: Callable[[Issuer], bytes]) -> Make:
    """HS256 with something as its secret that everybody can read."""
    return lambda issuer: hmac_compact({"alg": "HS256", "kid": issuer.key_id}, issuer.claims(), secret(issuer))


def changed(issuer: Issuer) -> str:
    header, _, signature = issuer.token().split(".")
    return f"{header}.{encoded(issuer.claims(sub='user_01MALLORY'))}.{signature}"


def nested(issuer: Issuer) -> str:
    """By a stranger: what a JSON parser makes of so deep a header differs between versions of Python."""
    header = f'{{"alg":"RS256","kid":"{issuer.key_id}","x":{"[" * 2500}{"]" * 2500}}}'
    return compact(header.encode(), issuer.claims(), issuer.stranger)


def row(name: str, behaviour: str, spec: str, check: Check) -> Requirement:
    return Requirement(f"forged-{name}", behaviour, Level.MUST, spec, check)


_JWS = "RFC 7515 s. 5.2"
FAMILY = Family(
    "Forged tokens, each answered 401",
    (
        row(
            "garbage",
            "What is no JWT at all",
            TOKENS,
            refuses(
                word=lambda _: "garbage",
                three_words=lambda _: "not.a.jwt",
                empty_parts=lambda _: "..",
                five_parts=lambda issuer: f"{issuer.token()}.{encoded({})}.{encoded({})}",
                no_object=lambda issuer: issuer.sign(["a", "list"]),
                no_json=lambda issuer: issuer.sign(b"\xff\xfe"),
            ),
        ),
        row("nested", "A header that is nested thousands deep", TOKENS, refuses(nested=nested)),
        row(
            "none",
            "`alg: none`, in any spelling",
            "RFC 7518 s. 3.6",
            refuses(none=unsigned("none"), capital=unsigned("None"), nOnE=unsigned("nOnE"), empty=unsigned("")),
        ),
        row(
            "hmac",
            "HS256 with the issuer's public key as the secret",
            "RFC 8725 s. 2.1, 3.1",
            refuses(
                pem=by_secret(lambda issuer: public_pem(issuer.key)),
                jwk=by_secret(lambda issuer: json.dumps(public_jwk(issuer.key_id, issuer.key)).encode()),
                nothing=by_secret(lambda _: b""),
            ),
        ),
        row(
            "unsigned",
            "A good token without its signature",
            _JWS,
            refuses(no_signature=lambda issuer: issuer.token().rpartition(".")[0] + "."),
        ),
        row("changed", "A good token with another `sub`", _JWS, refuses(changed=changed)),
        row(
            "wrong-key", "A stranger's signature under the issuer's key id", _JWS, refuses(wrong_key=by_stranger())
        ),
        row(
            "unknown-key",
            "A stranger's signature under a key id that the issuer does not list, or none",
            _JWS,
            refuses(unknown=by_stranger(kid="unknown"), no_kid=by_stranger(kid=ABSENT)),
        ),
    ),
)
