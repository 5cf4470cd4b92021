"""The rule that refuses a token, by the slug that the server logs (docs/refusals.md), in the server's order."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from infra.operator.access_token.decoded import Decoded, Members, decode
from infra.operator.access_token.expected import Expected
from infra.operator.access_token.family import is_web_session
from infra.operator.access_token.signing_keys import is_signed_by

LEEWAY = 30
MAX_BYTES = 8192
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_TYPES = {"jwt", "at+jwt", "application/jwt", "application/at+jwt"}


@dataclass(frozen=True, slots=True)
class Verdict:
    reason: str
    detail: str = ""
    """The claim or header that the rule looked at."""


def judge(token: str, expected: Expected) -> Verdict | None:
    """The first rule that refuses the token, or None."""
    if "," in token:
        return Verdict("several_authorizations")
    if not _BEARER.fullmatch(token):
        return Verdict("not_a_jwt")
    if len(token) > MAX_BYTES:
        return Verdict("token_too_long")
    decoded = decode(token)
    if decoded is None:
        return Verdict("not_a_jwt")
    return _header(decoded.header) or _signature(decoded, expected) or _claims(decoded.claims, expected)


def _header(header: Members) -> Verdict | None:
    typ, kid = header.get("typ", "JWT"), header.get("kid")
    if header.get("alg") != "RS256":
        return Verdict("algorithm", "alg")
    if "crit" in header:
        return Verdict("critical_header", "crit")
    if not isinstance(typ, str) or typ.lower() not in _TYPES:
        return Verdict("type", "typ")
    return None if isinstance(kid, str) and kid else Verdict("no_key_id", "kid")


def _signature(token: Decoded, expected: Expected) -> Verdict | None:
    if expected.keys is None:
        # Not to be had from here: whether the function has them, its own answer says.
        return None
    key = expected.keys.get(str(token.header["kid"]))
    if key is None:
        return Verdict("unknown_key", "kid")
    return None if is_signed_by(token, key) else Verdict("signature")


def _claims(claims: Members | None, expected: Expected) -> Verdict | None:
    if claims is None:
        return Verdict("not_a_jwt")
    return _first(
        lambda: _text(claims, "iss"),
        lambda: None if expected.issuer in ("", claims["iss"]) else Verdict("issuer", "iss"),
        lambda: _times(claims, expected.now),
        lambda: Verdict("web_session", "sid") if is_web_session(claims) else None,
        *(lambda name=name: _text(claims, name) for name in ("sub", "client_id")),
        *(lambda name=name: _optional_text(claims, name) for name in ("sid", "org_id")),
        lambda: _text(claims, "jti"),
        lambda: _machine(claims, expected),
        lambda: _audience(claims, expected),
    )


def _first(*rules: Callable[[], Verdict | None]) -> Verdict | None:
    """Rules are asked in turn: a later one relies on what the earlier ones let through."""
    verdicts: Iterable[Verdict | None] = (rule() for rule in rules)
    return next((verdict for verdict in verdicts if verdict is not None), None)


def _times(claims: Members, now: float) -> Verdict | None:
    return _first(
        lambda: _number(claims, "exp"),
        lambda: Verdict("expired", "exp") if now >= seconds(claims, "exp") + LEEWAY else None,
        lambda: _number(claims, "nbf") if "nbf" in claims else None,
        lambda: Verdict("not_yet_valid", "nbf") if "nbf" in claims and _is_ahead(claims, "nbf", now) else None,
        lambda: _number(claims, "iat"),
        lambda: Verdict("issued_in_future", "iat") if _is_ahead(claims, "iat", now) else None,
    )


def _machine(claims: Members, expected: Expected) -> Verdict | None:
    if claims["sub"] != claims["client_id"]:
        return None
    if not expected.allow_machines:
        return Verdict("machine_not_allowed", "sub")
    return Verdict("machine_with_session", "sid") if "sid" in claims else None


def _audience(claims: Members, expected: Expected) -> Verdict | None:
    if claims.get("aud") is None:
        return Verdict("missing_claim", "aud")
    audiences = audiences_of(claims)
    if audiences is None:
        return Verdict("malformed_claim", "aud")
    accepted = expected.accepts_audience(audiences, machine=claims["sub"] == claims["client_id"])
    return None if accepted else Verdict("audience", "aud")


def audiences_of(claims: Members) -> frozenset[str] | None:
    value = claims.get("aud")
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        return None
    return frozenset(listed)


def seconds(claims: Members, name: str) -> float:
    """A time claim that `_number` let through."""
    value = claims[name]
    return float(value) if isinstance(value, int | float) else math.nan


def _is_ahead(claims: Members, name: str, now: float) -> bool:
    return now < seconds(claims, name) - LEEWAY


def _text(claims: Members, name: str) -> Verdict | None:
    if claims.get(name) is None:
        return Verdict("missing_claim", name)
    return None if isinstance(claims[name], str) and claims[name] else Verdict("malformed_claim", name)


def _optional_text(claims: Members, name: str) -> Verdict | None:
    return None if claims.get(name) is None or isinstance(claims[name], str) else Verdict("malformed_claim", name)


def _number(claims: Members, name: str) -> Verdict | None:
    value = claims.get(name)
    if value is None:
        return Verdict("missing_claim", name)
    try:
        finite = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer beyond every float
        finite = False
    return None if finite else Verdict("malformed_claim", name)
