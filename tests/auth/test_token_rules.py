"""Every token rule as a row: what is changed in a good token, and why it is refused (or not)."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.auth.claims import MAX_CLAIM_DEPTH
from tests.issuer import ABSENT, CLIENT_ID, NOW, RESOURCE, Issuer, compact, stranger
from tests.log import Log
from tests.rig import Rig, with_settings


@dataclass(frozen=True)
class Case:
    name: str
    reason: str
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)


WEB_SESSION: dict[str, Any] = {
    "client_id": CLIENT_ID,
    "sid": "session_01ALICE",
    "scope": ABSENT,
    "role": "admin",
    "roles": ["admin"],
    "permissions": ["posts:read"],
    "auth_time": int(NOW),
}
"""How the token of a sign-in to a web application differs from an MCP token of the same AuthKit."""

REFUSED = [
    Case("alg none", "algorithm", header={"alg": "none"}),
    Case("alg HS256", "algorithm", header={"alg": "HS256"}),
    Case("alg RS512", "algorithm", header={"alg": "RS512"}),
    Case("alg in lower case", "algorithm", header={"alg": "rs256"}),
    Case("alg missing", "algorithm", header={"alg": ABSENT}),
    Case("alg as list", "algorithm", header={"alg": ["RS256"]}),
    Case("kid missing", "no_key_id", header={"kid": ABSENT}),
    Case("kid empty", "no_key_id", header={"kid": ""}),
    Case("kid a number", "no_key_id", header={"kid": 1}),
    Case("kid unknown", "unknown_key", header={"kid": "other"}),
    Case("typ of another token", "type", header={"typ": "id+jwt"}),
    Case("typ null", "type", header={"typ": None}),
    Case("crit empty", "critical_header", header={"crit": []}),
    Case("crit twice the same", "critical_header", header={"crit": ["b64", "b64"], "b64": True}),
    Case("crit null", "critical_header", header={"crit": None}),
    Case("crit that nobody knows", "critical_header", header={"crit": ["exp"], "exp": 1}),
    Case("b64 false without crit", "not_a_jwt", header={"b64": False}),
    Case("crit and another algorithm", "algorithm", header={"crit": ["b64"], "b64": False, "alg": "none"}),
    Case("kid null and another algorithm", "algorithm", header={"kid": None, "alg": "HS256"}),
    Case("kid a list and a wrong typ", "type", header={"kid": ["key_1"], "typ": "JWE"}),
    Case("crit named", "critical_header", header={"crit": ["b64"], "b64": False}),
    Case("iss of another tenant", "issuer", {"iss": "https://evil.authkit.app"}),
    Case("iss with trailing slash", "issuer", {"iss": "https://acme.authkit.app/"}),
    Case("iss in upper case", "issuer", {"iss": "https://ACME.authkit.app"}),
    Case("iss missing", "missing_claim", {"iss": ABSENT}),
    Case("iss a list", "malformed_claim", {"iss": ["https://acme.authkit.app"]}),
    Case("AuthKit session token", "issuer", {"iss": f"https://api.workos.com/user_management/{CLIENT_ID}"}),
    Case("aud of another server", "audience", {"aud": "https://other.example.com/mcp"}),
    Case("aud is the origin", "audience", {"aud": "https://mcp.example.com"}),
    Case("aud with trailing slash", "audience", {"aud": RESOURCE + "/"}),
    Case("aud is the client id", "audience", {"aud": CLIENT_ID}),
    Case("aud empty", "audience", {"aud": ""}),
    Case("aud an empty list", "audience", {"aud": []}),
    Case("aud missing", "missing_claim", {"aud": ABSENT}),
    Case("aud a number", "malformed_claim", {"aud": 7}),
    Case("aud a list of other things", "malformed_claim", {"aud": [RESOURCE, 7]}),
    Case("sub missing", "missing_claim", {"sub": ABSENT}),
    Case("sub empty", "malformed_claim", {"sub": ""}),
    Case("sub a number", "malformed_claim", {"sub": 42}),
    Case("client_id missing", "missing_claim", {"client_id": ABSENT}),
    Case("client_id empty", "malformed_claim", {"client_id": ""}),
    Case("jti missing", "missing_claim", {"jti": ABSENT}),
    Case("jti empty", "malformed_claim", {"jti": ""}),
    Case(
        "ID token", "missing_claim", {"jti": ABSENT, "sid": ABSENT, "client_id": ABSENT, "aud": "client_01CURSOR"}
    ),
    Case("exp missing", "missing_claim", {"exp": ABSENT}),
    Case("exp text", "malformed_claim", {"exp": str(int(NOW) + 300)}),
    Case("exp true", "malformed_claim", {"exp": True}),
    Case("exp infinite", "malformed_claim", {"exp": float("inf")}),
    Case("exp not a number", "malformed_claim", {"exp": float("nan")}),
    Case("exp beyond any float", "malformed_claim", {"exp": 10**400}),
    Case("exp 30 s ago", "expired", {"exp": NOW - 30}),
    Case("exp long ago", "expired", {"exp": NOW - 86400}),
    Case("iat missing", "missing_claim", {"iat": ABSENT}),
    Case("iat text", "malformed_claim", {"iat": "now"}),
    Case("iat 31 s ahead", "issued_in_future", {"iat": NOW + 31}),
    Case("nbf 31 s ahead", "not_yet_valid", {"nbf": NOW + 31}),
    Case("nbf null", "missing_claim", {"nbf": None}),
    Case("nbf text", "malformed_claim", {"nbf": "soon"}),
    Case("sid a number", "malformed_claim", {"sid": 5}),
    Case("org_id a list", "malformed_claim", {"org_id": ["org_01ACME"]}),
    Case("web session", "web_session", WEB_SESSION),
    Case(
        "web session of an environment that gives no client_id",
        "web_session",
        {**WEB_SESSION, "client_id": ABSENT},
    ),
    Case("web session without aud", "web_session", {**WEB_SESSION, "aud": ABSENT}),
    Case("web session with a scope of null", "web_session", {**WEB_SESSION, "scope": None}),
    Case(
        "web session of an impersonated user", "web_session", {**WEB_SESSION, "act": {"sub": "admin@example.com"}}
    ),
    Case("web session with more claims of a template", "web_session", {**WEB_SESSION, "urn:acme:plan": "gold"}),
    Case("sub with half a character", "malformed_claim", {"sub": "user_\ud800"}),
    Case("client_id with half a character", "malformed_claim", {"client_id": "client_\udfff"}),
    Case("org_id with half a character", "malformed_claim", {"org_id": "\udfff"}),
    Case("machine token", "machine_not_allowed", {"sub": "client_01M", "client_id": "client_01M", "sid": ABSENT}),
    Case("expired and of another server", "expired", {"exp": NOW - 60, "aud": "https://other.example.com/mcp"}),
]

ACCEPTED = [
    Case("as AuthKit sends it", ""),
    Case("typ JWT", "", header={"typ": "JWT"}),
    Case("typ at+jwt", "", header={"typ": "at+jwt"}),
    Case("typ in another spelling", "", header={"typ": "Application/AT+JWT"}),
    Case("keys in the header are not read", "", header={"jku": "https://evil.example", "x5c": ["x"], "jwk": {}}),
    Case("aud in a list", "", {"aud": ["https://other.example.com/mcp", RESOURCE]}),
    Case("exp 29 s ago", "", {"exp": NOW - 29}),
    Case("exp with a fraction", "", {"exp": NOW + 0.5}),
    Case("exp far away", "", {"exp": 1e300}),
    Case("iat 30 s ahead", "", {"iat": NOW + 30}),
    Case("nbf 30 s ahead", "", {"nbf": NOW + 30}),
    Case("no sid", "", {"sid": ABSENT}),
    Case("no organisation", "", {"org_id": ABSENT}),
    Case("no scope", "", {"scope": ABSENT}),
    Case("neither scope nor sid", "", {"scope": ABSENT, "sid": ABSENT}),
    Case("neither scope nor sid nor organisation", "", {"scope": ABSENT, "sid": ABSENT, "org_id": ABSENT}),
    Case("no scope, and a sid of null", "", {"scope": ABSENT, "sid": None}),
    Case("no scope, and a sid of a kind that is not known", "", {"scope": ABSENT, "sid": "session01"}),
    Case("a scope, and a sid like a web session's", "", {"sid": "session_01ALICE"}),
    Case("an empty scope, and a sid like a web session's", "", {"sid": "session_01ALICE", "scope": ""}),
    Case("claims that a JWT template adds for all", "", {"role": "admin", "permissions": ["posts:read"]}),
    Case("a client that is identified by its document", "", {"client_id": "https://claude.ai/oauth/client.json"}),
]


_HEADER = '{"alg":"RS256","kid":"key_1"}'
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _with_parts(issuer: Issuer, place: int, part: str) -> str:
    parts = issuer.token().split(".")
    parts[place] = part
    return ".".join(parts)


def _unsigned(algorithm: str, payload: str) -> str:
    head = compact({"alg": algorithm, "kid": "nobody's"}, b"{}", stranger()).split(".")[0]
    return f"{head}.{payload}.abcd"


def _with_unused_bits(issuer: Issuer) -> str:
    """The same bytes for a decoder that is not strict: 256 bytes leave four bits of the last character unused."""
    token = issuer.token()
    return token[:-1] + _LETTERS[_LETTERS.index(token[-1]) + 1]


def answer_to(rig: Rig, token: str) -> int:
    return rig.exchange("tools/list", token=token).status


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_refuses_a_token_that_breaks_a_rule(case: Case, rig: Rig, log: Log) -> None:
    answer = rig.exchange("tools/list", token=rig.issuer.token(case.header, **case.claims))

    assert answer.status == 401
    assert answer.json["error"] == "invalid_token"
    assert answer.challenge.startswith('Bearer error="invalid_token", ')
    assert [line["reason"] for line in log("refused")] == [case.reason]


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)
def test_accepts_every_form_that_authkit_may_send(case: Case, rig: Rig) -> None:
    assert answer_to(rig, rig.issuer.token(case.header, **case.claims)) == 200


@pytest.mark.parametrize(
    ("name", "reason", "make"),
    [
        ("another key signed it", "signature", lambda issuer: issuer.sign(issuer.claims(), key=stranger())),
        ("the payload was changed", "signature", lambda issuer: _with_payload(issuer, b'{"sub":"user_01EVE"}')),
        ("one part", "not_a_jwt", lambda issuer: "abc"),
        ("something with a space", "not_a_jwt", lambda issuer: "abc def"),
        ("two parts", "not_a_jwt", lambda issuer: "abc.def"),
        ("five parts", "not_a_jwt", lambda issuer: "a.b.c.d.e"),
        ("an empty part", "not_a_jwt", lambda issuer: "abc..def"),
        ("padding", "not_a_jwt", lambda issuer: issuer.token() + "=="),
        ("padding inside", "not_a_jwt", lambda issuer: issuer.token().replace(".", "=.", 1)),
        (
            "a payload of a length that base64 cannot have",
            "not_a_jwt",
            lambda issuer: _with_parts(issuer, 1, "abcde"),
        ),
        ("a signature of such a length", "not_a_jwt", lambda issuer: _with_parts(issuer, 2, "abcde")),
        ("such a payload and another algorithm", "algorithm", lambda issuer: _unsigned("none", "abcde")),
        ("such a payload and an unknown key", "not_a_jwt", lambda issuer: _unsigned("RS256", "abcde")),
        ("a signature with unused bits", "not_a_jwt", _with_unused_bits),
        ("a header in UTF-16", "not_a_jwt", lambda issuer: compact(_HEADER.encode("utf-16"), b"{}", stranger())),
        (
            "a header with a byte order mark",
            "not_a_jwt",
            lambda issuer: compact(_HEADER.encode("utf-8-sig"), b"{}", stranger()),
        ),
        ("a payload in UTF-16", "not_a_jwt", lambda issuer: issuer.sign("{}".encode("utf-16"))),
        (
            "a number of 5000 digits in the header",
            "not_a_jwt",
            lambda issuer: compact(b'{"alg":"RS256","kid":"key_1","x":' + b"9" * 5000 + b"}", b"{}", stranger()),
        ),
        ("a length that base64 cannot have", "not_a_jwt", lambda issuer: "abcde.abcd.abcd"),
        ("a header that is no JSON", "not_a_jwt", lambda issuer: compact(b"hello", b"{}", stranger())),
        ("a header that is no object", "not_a_jwt", lambda issuer: compact([], b"{}", stranger())),
        ("a header that is no text", "not_a_jwt", lambda issuer: compact(b"\xff\xfe", b"{}", stranger())),
        ("a header nested deeply", "not_a_jwt", lambda issuer: compact(b"[" * 5000, b"{}", stranger())),
        ("a payload that is no JSON", "not_a_jwt", lambda issuer: issuer.sign(b"hello")),
        ("a payload that is no object", "not_a_jwt", lambda issuer: issuer.sign(b"[]")),
        ("more than 8 KiB", "token_too_long", lambda issuer: issuer.token(pad="x" * 8192)),
    ],
)
def test_refuses_what_is_no_signed_token(name: str, reason: str, make: Any, rig: Rig, log: Log) -> None:
    assert answer_to(rig, make(rig.issuer)) == 401
    assert [line["reason"] for line in log("refused")] == [reason]


@pytest.mark.matrix
@pytest.mark.parametrize("name", ["aud", "roles", "permissions", "scope", "org", "act"])
@pytest.mark.parametrize("brackets", ["[ ]", '{"a": }'])
@pytest.mark.parametrize("levels", [MAX_CLAIM_DEPTH + 1, 100, 450])
def test_refuses_a_claim_that_is_nested_deeply(name: str, brackets: str, levels: int, rig: Rig, log: Log) -> None:
    opening, closing = brackets.split()
    token = _with_claim(rig.issuer, name, opening * levels + "1" + closing * levels)

    answer = rig.exchange("tools/list", token=token)

    assert (answer.status, answer.json["error"]) == (401, "invalid_token")
    assert [(line["reason"], line["detail"]) for line in log("refused")] == [("malformed_claim", "nesting")]


@pytest.mark.parametrize("levels", [700, 900, 990, 1100, 1500, 2900])
def test_refuses_a_claim_that_is_nested_as_deeply_as_a_token_has_room_for(levels: int, rig: Rig) -> None:
    assert answer_to(rig, _with_claim(rig.issuer, "org", "[" * levels + "]" * levels)) == 401


def test_accepts_a_claim_that_is_nested_a_little(rig: Rig) -> None:
    nested = "[" * MAX_CLAIM_DEPTH + "]" * MAX_CLAIM_DEPTH

    assert answer_to(rig, _with_claim(rig.issuer, "org", nested)) == 200


@pytest.mark.parametrize("levels", [100, 450, 900, 1500, 2500])
def test_a_header_that_is_nested_deeply_is_no_failure(levels: int, rig: Rig) -> None:
    head = b'{"alg":"RS256","kid":"key_1","x":' + b"[" * levels + b"]" * levels + b"}"
    token = compact(head, json.dumps(rig.issuer.claims()).encode(), rig.issuer.keys["key_1"])

    # This server ignores that member; how deep the parser itself goes depends on the version of Python.
    assert answer_to(rig, token) in (200, 401)


def _with_claim(issuer: Issuer, name: str, text: str) -> str:
    claims = json.dumps(issuer.claims(**{name: "@place@"}))
    return issuer.sign(claims.replace('"@place@"', text).encode())


def _with_payload(issuer: Issuer, payload: bytes) -> str:
    head, _, signature = issuer.token().split(".")
    other = compact({}, payload, stranger()).split(".")[1]
    return f"{head}.{other}.{signature}"


def test_a_wrong_algorithm_is_refused_before_any_key_is_fetched(rig: Rig) -> None:
    answer_to(rig, rig.issuer.token({"alg": "none"}))

    assert rig.issuer.fetched == []


def test_a_token_just_below_8_kib_is_accepted(rig: Rig) -> None:
    token = rig.issuer.token(pad="x" * 5500)

    assert 7500 < len(token) <= 8192
    assert answer_to(rig, token) == 200


@pytest.mark.parametrize(
    ("audience", "aud", "status"),
    [
        ("resource", RESOURCE, 200),
        ("resource", CLIENT_ID, 401),
        ("client_id", CLIENT_ID, 200),
        ("client_id", RESOURCE, 401),
        ("both", RESOURCE, 200),
        ("both", CLIENT_ID, 200),
        ("both", "https://other.example.com/mcp", 401),
    ],
)
def test_the_audience_setting_decides_which_audience_a_user_token_needs(
    audience: str, aud: str, status: int
) -> None:
    rig = with_settings(token_audience=audience)

    assert answer_to(rig, rig.issuer.token(aud=aud)) == status


@pytest.mark.parametrize("audience", ["resource", "client_id", "both"])
@pytest.mark.parametrize("aud", [RESOURCE, CLIENT_ID, [CLIENT_ID, RESOURCE]])
def test_a_web_applications_session_token_is_refused_under_every_audience(
    aud: object, audience: str, log: Log
) -> None:
    rig = with_settings(token_audience=audience, allow_machine_tokens=True)

    assert answer_to(rig, rig.issuer.token(**{**WEB_SESSION, "aud": aud})) == 401
    assert [line["reason"] for line in log("refused")] == ["web_session"]


@pytest.mark.parametrize(("aud", "lines"), [(CLIENT_ID, 1), (RESOURCE, 0), ([RESOURCE, CLIENT_ID], 0)])
def test_a_legacy_audience_is_logged_during_a_migration(aud: Any, lines: int, log: Log) -> None:
    rig = with_settings(token_audience="both")

    answer_to(rig, rig.issuer.token(aud=aud))

    assert len(log("legacy audience accepted")) == lines


@pytest.mark.parametrize(
    ("name", "changes", "status"),
    [
        ("the environment's client id as audience", {}, 200),
        ("the resource as audience", {"aud": RESOURCE}, 200),
        ("another audience", {"aud": "client_01OTHER"}, 401),
        ("a session id, which machines do not have", {"sid": "app_consent_01"}, 401),
        ("an empty session id", {"sid": ""}, 401),
        ("expired", {"exp": NOW - 60}, 401),
    ],
)
@pytest.mark.parametrize("audience", ["resource", "client_id", "both"])
def test_a_machine_token_has_its_own_rule_where_machines_are_allowed(
    name: str, changes: dict[str, Any], status: int, audience: str
) -> None:
    rig = with_settings(allow_machine_tokens=True, token_audience=audience)

    assert answer_to(rig, rig.issuer.sign(rig.issuer.machine_claims(**changes))) == status


def test_the_client_id_audience_stays_closed_to_users_where_machines_are_allowed() -> None:
    rig = with_settings(allow_machine_tokens=True)

    assert answer_to(rig, rig.issuer.token(aud=CLIENT_ID)) == 401


def test_the_wire_never_tells_which_rule_a_token_broke(rig: Rig) -> None:
    bodies = {
        rig.exchange("tools/list", token=rig.issuer.token(case.header, **case.claims)).text for case in REFUSED
    }

    assert len(bodies) == 1
