"""Callers: what each kind of Authorization value is refused for, if anything, by each of two environments."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

from app.auth.token import MAX_TOKEN_BYTES
from app.auth.verifier import LEEWAY_SECONDS
from bench.endurance.grants import ROLES
from tests.issuer import ABSENT, CLIENT_ID, Issuer, compact, stranger

Claims: TypeAlias = Mapping[str, Any]
Values: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One row: an open environment takes machines and both audiences, a strict one wants a scope and an
    organisation. Whatever stands there, an unknown key and an outage of AuthKit go first, then the expiry."""

    name: str
    open: str | None
    strict: str | None
    claims: Callable[[Random, float], Claims] = lambda rng, now: {}
    header: Claims | None = None
    values: Callable[[Random, str], Values] | None = None
    """Makes the Authorization values of a good token; None sends it as it is."""
    is_read: bool = True
    """Whether it gets as far as its key; what does not is refused even while AuthKit is down."""
    lasts: bool = False
    """Whether the same token is sent again and again."""
    weight: float = 1


@dataclass(frozen=True, slots=True)
class Caller:
    kind: Kind
    values: Values
    key_id: str
    claims: Claims

    @property
    def user(self) -> str:
        return str(self.claims.get("sub"))

    @property
    def organization(self) -> str | None:
        return self.claims.get("org_id")

    @property
    def is_machine(self) -> bool:
        return self.user == self.claims.get("client_id")

    def refusal(self, now: float, *, is_strict: bool, by_key: Callable[[str], str | None]) -> str | None:
        """The private reason; None lets the caller in."""
        reason = self.kind.strict if is_strict else self.kind.open
        if not self.kind.is_read:
            return reason
        if (unavailable := by_key(self.key_id)) is not None:
            return unavailable
        if self.kind.lasts and now >= self.claims["exp"] + LEEWAY_SECONDS:
            return "expired"
        return reason


def make(kind: Kind, issuer: Issuer, rng: Random) -> Caller:
    person = rng.randrange(3000)
    drawn = {
        "sub": f"user_{person:06}",
        "org_id": f"org_{person % 300:03}",
        "sid": f"session_{person:06}",
        "jti": f"{rng.getrandbits(64):016x}",
        "exp": int(issuer.clock.now) + rng.choice((60, 300, 3600)),
        # Tokens of all lengths: a JWT template may add whatever it likes.
        **({"note": "x" * rng.randrange(5000)} if rng.random() < 0.1 else {}),
    }
    claims = issuer.claims(**{**drawn, **kind.claims(rng, issuer.clock.now)})
    token = issuer.sign(claims, kind.header)
    values = kind.values(rng, token) if kind.values else (f"Bearer {token}",)
    return Caller(kind, values, (kind.header or {}).get("kid") or next(iter(issuer.keys)), claims)


def _sent(*values: str) -> Callable[[Random, str], Values]:
    """One of these; TOKEN stands for a good one."""
    return lambda rng, token: (rng.choice(values).replace("TOKEN", token),)


def _forged(rng: Random, token: str) -> Values:
    head, payload, signature = token.split(".")
    changed = [f"{head}.{payload[:-4]}AAAA.{signature}", f"{head}.{payload}.{signature[:-8]}AAAAAAAA"]
    foreign = compact(b'{"alg":"RS256","kid":"%s"}' % _key_id(head).encode(), b"{}", stranger())
    return (f"Bearer {rng.choice([*changed, foreign])}",)


def _key_id(head: str) -> str:
    kid: str = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]
    return kid


def _member(rng: Random, now: float) -> Claims:
    user, organization = rng.choice(sorted(ROLES))
    return {"sub": user, "org_id": organization}


def _machine(rng: Random, now: float) -> Claims:
    name = f"client_{rng.randrange(50):03}"
    return {"sub": name, "client_id": name, "sid": ABSENT, "aud": CLIENT_ID}


def _without(*names: str) -> Callable[[Random, float], Claims]:
    return lambda rng, now: {rng.choice(names): ABSENT}


def _malformed(rng: Random, now: float) -> Claims:
    spoilt: Claims = {"iss": 5, "exp": "soon", "iat": True, "sub": "", "client_id": {}, "jti": 7, "org_id": 5}
    name = rng.choice(sorted(spoilt))
    return {name: spoilt[name]}


def _permitted(rng: Random, now: float) -> Claims:
    return {"permissions": rng.choice((["reports:write"], [], ["reports:read"]))}


KINDS = (
    # who, refused by the open environment, by the strict one
    Kind("a person", None, None, lasts=True, weight=40),
    Kind("a person with permissions in the token", None, None,
         _permitted, lasts=True, weight=20),
    Kind("a person with a scope more", None, None,
         lambda rng, now: {"scope": "openid reports:write"}, lasts=True, weight=10),
    Kind("a member whom WorkOS knows", None, None, _member, lasts=True, weight=12),
    Kind("a person without an organisation", None, "no_organization",
         lambda rng, now: {"org_id": ABSENT}, lasts=True, weight=3),
    Kind("a person without the scope", None, "missing_scope",
         lambda rng, now: {"scope": "email"}, lasts=True, weight=3),
    Kind("a person with the audience of before", None, "audience",
         lambda rng, now: {"aud": CLIENT_ID}, lasts=True, weight=3),
    Kind("a machine", None, "machine_not_allowed", _machine, lasts=True, weight=6),
    # What follows is refused by both, or by the rule that names it.
    Kind("no token", "no_token", "no_token", values=_sent("", "Bearer", "Basic dXNlcjpwYXNz"), is_read=False),
    Kind("two tokens", "several_authorizations", "several_authorizations",
         values=_sent("Bearer TOKEN,Bearer TOKEN", "Bearer a, b"), is_read=False),
    Kind("a long token", "token_too_long", "token_too_long",
         values=lambda rng, token: (f"Bearer {token}{'A' * MAX_TOKEN_BYTES}",), is_read=False),
    Kind("no JWT", "not_a_jwt", "not_a_jwt",
         values=_sent("Bearer sk_test_1", "Bearer a.b.c", "Bearer TOKEN.x", "Bearer <b>"), is_read=False),
    Kind("another algorithm", "algorithm", "algorithm", header={"alg": "HS256"}, is_read=False),
    Kind("an ID of another type", "type", "type", header={"typ": "dpop+jwt"}, is_read=False),
    Kind("extensions", "critical_header", "critical_header", header={"crit": ["exp"]}, is_read=False),
    Kind("no key's name", "no_key_id", "no_key_id", header={"kid": ABSENT}, is_read=False),
    Kind("an unknown key's name", "unknown_key", "unknown_key", header={"kid": "nobody's"}),
    Kind("a forgery", "signature", "signature", values=_forged),
    Kind("another issuer", "issuer", "issuer", lambda rng, now: {"iss": "https://other.authkit.app"}),
    Kind("a claim less", "missing_claim", "missing_claim",
         _without("iss", "exp", "iat", "sub", "client_id", "jti", "aud")),
    Kind("a malformed claim", "malformed_claim", "malformed_claim", _malformed),
    Kind("an old token", "expired", "expired",
         lambda rng, now: {"exp": now - rng.choice((LEEWAY_SECONDS, 86_400))}),
    Kind("a token of later", "not_yet_valid", "not_yet_valid", lambda rng, now: {"nbf": now + LEEWAY_SECONDS + 1}),
    Kind("a token of tomorrow", "issued_in_future", "issued_in_future", lambda rng, now: {"iat": now + 86_400}),
    Kind("another audience", "audience", "audience", lambda rng, now: {"aud": "https://other.example.com/mcp"}),
    Kind("a person's sign-in to a web application", "web_session", "web_session",
         lambda rng, now: {"scope": ABSENT}),
    Kind("a machine with a session", "machine_with_session", "machine_not_allowed",
         lambda rng, now: {**_machine(rng, now), "sid": "session"}),
)  # fmt: skip
