"""For each reason of docs/refusals.md: what was seen in the token, and what to change."""

from collections.abc import Callable

from infra.operator.access_token import claim_advice as claims
from infra.operator.access_token.claim_advice import GET_ONE, TEMPLATE, Case
from infra.operator.access_token.decoded import Decoded
from infra.operator.access_token.expected import Expected
from infra.operator.access_token.family import Family
from infra.operator.access_token.verdict import Verdict

_PLAIN = {
    "several_authorizations": (
        "it holds a comma: two values became one",
        "send one token; find the proxy that adds one",
    ),
    "token_too_long": ("more than 8 KiB", f"make the JWT template smaller ({TEMPLATE})"),
    "not_a_jwt": ("not a signed JWT", GET_ONE),
    "critical_header": ("its header asks for extensions (crit)", f"it is not from AuthKit: {GET_ONE}"),
    "no_key_id": ("its header names no key", f"it is not from AuthKit: {GET_ONE}"),
    "signature": ("its signature does not fit", "it was changed, cut off, or forged: get a new one"),
    "machine_not_allowed": (
        "a machine token, and machines may not call",
        "set ALLOW_MACHINE_TOKENS=true on the function, if machines are to call it",
    ),
    "machine_with_session": ("a machine token with sid, which AuthKit never issues", f"get a new one: {GET_ONE}"),
    "web_session": (
        "its sid is a sign-in to your own web application and it has no scope: no MCP client was let in with it",
        GET_ONE,
    ),
    "keys_unavailable": (
        "the signing keys cannot be fetched",
        "see the checks signing-keys and keys-from-server; no token can be checked before",
    ),
    "no_organization": (
        "the user chose no organisation, and the server wants one (REQUIRE_ORGANIZATION)",
        "add the user to an organisation (dashboard: Organizations, Members), then log in again",
    ),
}


_BY_REASON: dict[str, Callable[[Case], tuple[str, str]]] = {
    "algorithm": claims.foreign,
    "type": claims.foreign,
    "unknown_key": claims.other_issuer,
    "issuer": claims.other_issuer,
    "missing_claim": claims.claim,
    "malformed_claim": claims.claim,
    "audience": claims.audience,
    "missing_scope": claims.scope,
    "expired": claims.expired,
    "not_yet_valid": claims.early,
    "issued_in_future": claims.early,
}


def advise(verdict: Verdict, token: Decoded | None, family: Family, expected: Expected) -> tuple[str, str]:
    """What was seen, and the fix."""
    if verdict.reason in _PLAIN:
        return _PLAIN[verdict.reason]
    header, members = (token.header, token.claims or {}) if token else ({}, {})
    return _BY_REASON[verdict.reason](Case(verdict, header, members, family, expected))
