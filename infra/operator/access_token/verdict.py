"""Apply the server's token rules in the server's order; the reasons are those of docs/refusals.md."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from infra.operator.access_token.decoded import Decoded, Members, decode
from infra.operator.access_token.expected import Expected
from infra.operator.access_token.family import is_web_session
from infra.operator.access_token.signing_keys import is_signed_by

LEEWAY_SECONDS = 30
MAX_TOKEN_BYTES = 8192
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_API_KEY = re.compile(r"[A-Za-z0-9_-]{16,256}")
_TYPES = {"jwt", "at+jwt", "application/jwt", "application/at+jwt"}


@dataclass(frozen=True, slots=True)
class Verdict:
    reason: str
    detail: str = ""
    """The claim or header that the rule checked."""


def judge(token: str, expected: Expected) -> Verdict | None:
    """Find the first rule that refuses the token; None if it passes all."""
    if "," in token:
        return Verdict("several_authorizations")
    if not _BEARER.fullmatch(token):
        return Verdict("not_a_jwt")
    if expected.allow_api_keys and "." not in token:
        # Whether WorkOS accepts the key, only the server's answer says.
        return None if _API_KEY.fullmatch(token) else Verdict("not_an_api_key")
    if len(token) > MAX_TOKEN_BYTES:
        return Verdict("token_too_long")
    decoded = decode(token)
    if decoded is None:
        return Verdict("not_a_jwt")
    return (
        _check_header(decoded.header)
        or _check_signature(decoded, expected)
        or _check_claims(decoded.claims, expected)
    )


def _check_header(header: Members) -> Verdict | None:
    typ, kid = header.get("typ", "JWT"), header.get("kid")
    if header.get("alg") != "RS256":
        return Verdict("algorithm", "alg")
    if "crit" in header:
        return Verdict("critical_header", "crit")
    if not isinstance(typ, str) or typ.lower() not in _TYPES:
        return Verdict("type", "typ")
    return None if isinstance(kid, str) and kid else Verdict("no_key_id", "kid")


def _check_signature(token: Decoded, expected: Expected) -> Verdict | None:
    if expected.keys is None:
        # This machine could not fetch the keys. The function's own answer says whether it has them.
        return None
    key = expected.keys.get(str(token.header["kid"]))
    if key is None:
        return Verdict("unknown_key", "kid")
    return None if is_signed_by(token, key) else Verdict("signature")


def _check_claims(claims: Members | None, expected: Expected) -> Verdict | None:
    if claims is None:
        return Verdict("not_a_jwt")
    return _first(
        lambda: _check_text(claims, "iss"),
        lambda: None if expected.issuer in ("", claims["iss"]) else Verdict("issuer", "iss"),
        lambda: _check_times(claims, expected.now),
        lambda: Verdict("web_session", "sid") if is_web_session(claims) else None,
        *(lambda name=name: _check_text(claims, name) for name in ("sub", "client_id")),
        *(lambda name=name: _check_optional_text(claims, name) for name in ("sid", "org_id")),
        lambda: _check_text(claims, "jti"),
        lambda: _check_machine(claims, expected),
        lambda: _check_audience(claims, expected),
    )


def _first(*rules: Callable[[], Verdict | None]) -> Verdict | None:
    """Apply the rules in turn. A later rule relies on the checks of the earlier ones."""
    verdicts: Iterable[Verdict | None] = (rule() for rule in rules)
    return next((verdict for verdict in verdicts if verdict is not None), None)


def _check_times(claims: Members, now: float) -> Verdict | None:
    return _first(
        lambda: _check_number(claims, "exp"),
        lambda: Verdict("expired", "exp") if now >= read_seconds(claims, "exp") + LEEWAY_SECONDS else None,
        lambda: _check_number(claims, "nbf") if "nbf" in claims else None,
        lambda: Verdict("not_yet_valid", "nbf") if "nbf" in claims and _is_ahead(claims, "nbf", now) else None,
        lambda: _check_number(claims, "iat"),
        lambda: Verdict("issued_in_future", "iat") if _is_ahead(claims, "iat", now) else None,
    )


def _check_machine(claims: Members, expected: Expected) -> Verdict | None:
    if claims["sub"] != claims["client_id"]:
        return None
    if not expected.allow_machines:
        return Verdict("machine_not_allowed", "sub")
    return Verdict("machine_with_session", "sid") if "sid" in claims else None


def _check_audience(claims: Members, expected: Expected) -> Verdict | None:
    if claims.get("aud") is None:
        return Verdict("missing_claim", "aud")
    audiences = read_audiences(claims)
    if audiences is None:
        return Verdict("malformed_claim", "aud")
    accepted = expected.accepts_audience(audiences, machine=claims["sub"] == claims["client_id"])
    return None if accepted else Verdict("audience", "aud")


def read_audiences(claims: Members) -> frozenset[str] | None:
    value = claims.get("aud")
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        return None
    return frozenset(listed)


def read_seconds(claims: Members, name: str) -> float:
    """Read a time claim that passed `_check_number`; seconds since 1970."""
    value = claims[name]
    return float(value) if isinstance(value, int | float) else math.nan


def _is_ahead(claims: Members, name: str, now: float) -> bool:
    return now < read_seconds(claims, name) - LEEWAY_SECONDS


def _check_text(claims: Members, name: str) -> Verdict | None:
    if claims.get(name) is None:
        return Verdict("missing_claim", name)
    return None if isinstance(claims[name], str) and claims[name] else Verdict("malformed_claim", name)


def _check_optional_text(claims: Members, name: str) -> Verdict | None:
    return None if claims.get(name) is None or isinstance(claims[name], str) else Verdict("malformed_claim", name)


def _check_number(claims: Members, name: str) -> Verdict | None:
    value = claims.get(name)
    if value is None:
        return Verdict("missing_claim", name)
    try:
        finite = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer beyond every float
        finite = False
    return None if finite else Verdict("malformed_claim", name)
