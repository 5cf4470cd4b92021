"""Tokens that servers refuse, and what the doctor has to say about each."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from infra.operator.access_token.family import Family
from infra.operator.address import read_address
from infra.operator.doctor import examine
from infra.operator.finding import Finding
from tests.e2e.stack import Stack
from tests.infra.operator.minting import CLIENT_ID, Minting

PLAIN: Mapping[str, str] = MappingProxyType({})
MACHINES = MappingProxyType({"ALLOW_MACHINE_TOKENS": "true"})
STRICT = MappingProxyType({"REQUIRED_SCOPES": "reports:read", "REQUIRE_ORGANIZATION": "true"})
KEYS = MappingProxyType({"ALLOW_API_KEYS": "true"})
BY_CLIENT = MappingProxyType({"TOKEN_AUDIENCE": "client_id"})
SERVERS = {"plain": PLAIN, "machines": MACHINES, "strict": STRICT, "by client": BY_CLIENT, "keys": KEYS}


@dataclass(frozen=True)
class Refused:
    name: str
    make: Callable[[Minting], str]
    family: Family
    reason: str
    fix: str
    server: str = "plain"
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the operator's shell knows of the function's settings."""


def ask_doctor(stack: Stack, token: str, **environment: str) -> Finding:
    """What the doctor says of the token."""
    findings = asyncio.run(examine(read_address(stack.mcp_url), {"TOKEN": token, **environment}, patience=20))
    return next(each for each in findings if each.check == "token")


def explained(minting: Minting, case: Refused) -> Finding:
    return ask_doctor(minting.stack, case.make(minting), **case.environment)


USER, MACHINE, ID, SESSION = Family.USER, Family.MACHINE, Family.ID, Family.SESSION
OPAQUE, API_KEY = Family.OPAQUE, Family.API_KEY
UNKNOWN_KEY, REVOKED_KEY = "sk_nobody_has_this_one", "sk_local_revoked_by_an_administrator"
DOMAIN = "WORKOS_AUTHKIT_DOMAIN"

TOKENS = [
    Refused("expired", lambda m: m.access(lifetime=-600), USER, "expired", "offline_access"),
    Refused("aud is the client id", lambda m: m.access(audience=CLIENT_ID), USER, "audience", "make provision"),
    Refused(
        "aud with a trailing slash",
        lambda m: m.access(audience=f"{m.stack.mcp_url}/"),
        USER,
        "audience",
        "without the slash",
    ),
    Refused(
        "aud of another server",
        lambda m: m.access(audience="https://b.example/mcp"),
        USER,
        "audience",
        "log in at",
    ),
    Refused(
        "aud that no resource indicator can be",
        lambda m: m.access(audience="acme-api"),
        USER,
        "audience",
        "take aud out of the JWT template",
    ),
    Refused(
        "aud among others, none of them ours",
        lambda m: m.with_claims(aud=["https://b.example/mcp"]),
        USER,
        "audience",
        "log in at",
    ),
    Refused("no aud", lambda m: m.with_claims(aud=None), USER, "missing_claim", "not an access token"),
    Refused("aud is a number", lambda m: m.with_claims(aud=7), USER, "malformed_claim", "JWT template"),
    Refused("an ID token", Minting.id_token, ID, "missing_claim", "access_token of the token response"),
    Refused("a session token", Minting.session_token, SESSION, "issuer", "logging in at AuthKit"),
    Refused(
        "a session token of a custom domain",
        lambda m: m.session_token(m.stack.authkit_url),
        SESSION,
        "web_session",
        "logging in at AuthKit",
    ),
    Refused(
        "a session token whose JWT template adds this server as aud",
        lambda m: m.session_token(m.stack.authkit_url, aud=m.stack.mcp_url),
        SESSION,
        "web_session",
        "logging in at AuthKit",
    ),
    Refused(
        "a session token, where the client id is the audience",
        lambda m: m.session_token(m.stack.authkit_url, aud=CLIENT_ID),
        SESSION,
        "web_session",
        "logging in at AuthKit",
        "by client",
        BY_CLIENT,
    ),
    Refused(
        "a session token of before client_id",
        lambda m: m.session_token(m.stack.authkit_url, client_id=None),
        SESSION,
        "web_session",
        "logging in at AuthKit",
    ),
    Refused(
        "a scope, but neither client_id nor consent",
        lambda m: m.with_claims(client_id=None, sid="session_01LOCAL"),
        SESSION,
        "missing_claim",
        "logging in at AuthKit",
    ),
    Refused(
        "a machine token",
        lambda m: m.access(machine=True),
        MACHINE,
        "machine_not_allowed",
        "ALLOW_MACHINE_TOKENS=true",
    ),
    Refused(
        "a machine token with a session",
        lambda m: m.access(machine=True, claims={"sid": "x"}),
        MACHINE,
        "machine_with_session",
        "logging in",
        "machines",
        MACHINES,
    ),
    Refused(
        "a machine token of another environment",
        lambda m: m.access(machine=True, audience="client_01OTHER"),
        MACHINE,
        "audience",
        "WORKOS_CLIENT_ID",
        "machines",
        {**MACHINES, "WORKOS_CLIENT_ID": CLIENT_ID},
    ),
    Refused(
        "another WorkOS environment",
        lambda m: m.with_claims(iss="https://other.authkit.app"),
        USER,
        "issuer",
        DOMAIN,
    ),
    Refused(
        "another environment and its key",
        lambda m: m.with_header({"iss": "https://other.authkit.app"}, kid="key_of_theirs"),
        USER,
        "unknown_key",
        DOMAIN,
    ),
    Refused(
        "a withdrawn key", lambda m: m.with_header(kid="key_of_last_year"), USER, "unknown_key", "log in again"
    ),
    Refused("no iss", lambda m: m.with_claims(iss=None), USER, "missing_claim", "not an access token"),
    Refused("not valid yet", lambda m: m.late("nbf"), USER, "not_yet_valid", "clock"),
    Refused("issued in the future", lambda m: m.late("iat"), USER, "issued_in_future", "clock"),
    Refused("exp is a text", lambda m: m.with_claims(exp="soon"), USER, "malformed_claim", "not from AuthKit"),
    Refused("sid is a number", lambda m: m.with_claims(sid=1), USER, "malformed_claim", "JWT template"),
    Refused("an empty sub", lambda m: m.with_claims(sub=""), USER, "malformed_claim", "not from AuthKit"),
    Refused("a changed token", lambda m: m.access()[:-8] + "AAAAAAAA", USER, "signature", "get a new one"),
    Refused("a forged token", Minting.forged, USER, "signature", "get a new one"),
    Refused("another algorithm", lambda m: m.with_header(alg="HS256"), USER, "algorithm", "RS256"),
    Refused("another type", lambda m: m.with_header(typ="logout+jwt"), USER, "type", "no typ"),
    Refused(
        "critical extensions", lambda m: m.with_header(crit=["b64"]), USER, "critical_header", "not from AuthKit"
    ),
    Refused("no kid", lambda m: m.with_header(kid=None), USER, "no_key_id", "not from AuthKit"),
    Refused("too long", lambda m: m.with_claims(template="x" * 6500), USER, "token_too_long", "JWT template"),
    Refused("an opaque token", lambda m: "opaque-token", OPAQUE, "not_a_jwt", "logging in at AuthKit"),
    Refused(
        "a cut-off token", lambda m: m.access().rpartition(".")[0], OPAQUE, "not_a_jwt", "logging in at AuthKit"
    ),
    Refused("two tokens in one", lambda m: f"{m.access()},x", OPAQUE, "several_authorizations", "proxy"),
    Refused(
        "an unknown API key", lambda m: UNKNOWN_KEY, API_KEY, "api_key_refused", "make a new key", "keys", KEYS
    ),
    Refused(
        "a revoked API key", lambda m: REVOKED_KEY, API_KEY, "api_key_refused", "make a new key", "keys", KEYS
    ),
    Refused("a cut-off API key", lambda m: "sk_local", API_KEY, "not_an_api_key", "the whole key", "keys", KEYS),
    Refused("a missing scope", Minting.access, USER, "missing_scope", "REQUIRED_SCOPES", "strict"),
    Refused(
        "no organisation",
        lambda m: m.access(user="alan@example.com", scope="reports:read"),
        USER,
        "no_organization",
        "dashboard: Organizations",
        "strict",
    ),
    Refused(
        "the resource, where the client id is wanted",
        Minting.access,
        USER,
        "audience",
        "TOKEN_AUDIENCE=resource",
        "by client",
        BY_CLIENT,
    ),
]
