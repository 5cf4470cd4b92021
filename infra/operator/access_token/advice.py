"""For each reason of docs/refusals.md: what is wrong with the token, and what to change."""

from collections.abc import Callable

from infra.operator.access_token import claim_advice as claims
from infra.operator.access_token.claim_advice import GET_ACCESS_TOKEN, TEMPLATE, Case
from infra.operator.access_token.decoded import Decoded
from infra.operator.access_token.expected import Expected
from infra.operator.access_token.family import Family
from infra.operator.access_token.verdict import Verdict

_FIXED_TEXTS = {
    "several_authorizations": (
        "it holds a comma: two values became one",
        "send one token; find the proxy that adds one",
    ),
    "token_too_long": ("more than 8 KiB", f"make the JWT template smaller ({TEMPLATE})"),
    "not_a_jwt": ("not a signed JWT", GET_ACCESS_TOKEN),
    "not_an_api_key": (
        "other characters or another length than an API key has (16 to 256 letters, digits, _ and -)",
        "send the whole key, or the access token that an MCP client gets by logging in at AuthKit",
    ),
    "api_key_refused": (
        "WorkOS does not accept this API key: it is unknown, revoked, expired or of another environment",
        "make a new key in the WorkOS environment of the function's WORKOS_API_KEY; after a change wait 10 s",
    ),
    "api_key_unchecked": (
        "the function cannot ask WorkOS about the key, or was asked about too many unknown ones",
        "try again in a minute; then read `an API key could not be checked` in the function's log",
    ),
    "critical_header": ("its header asks for extensions (crit)", f"it is not from AuthKit: {GET_ACCESS_TOKEN}"),
    "no_key_id": ("its header names no key", f"it is not from AuthKit: {GET_ACCESS_TOKEN}"),
    "signature": ("its signature does not fit", "it was changed, cut off, or forged: get a new one"),
    "machine_not_allowed": (
        "a machine token, and machines may not call",
        "set ALLOW_MACHINE_TOKENS=true on the function, if machines are to call it",
    ),
    "machine_with_session": (
        "a machine token with sid, which AuthKit never issues",
        f"get a new one: {GET_ACCESS_TOKEN}",
    ),
    "web_session": (
        "its sid is a sign-in to your own web application and it has no scope: no MCP client was let in with it",
        GET_ACCESS_TOKEN,
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


_ADVISERS: dict[str, Callable[[Case], tuple[str, str]]] = {
    "algorithm": claims.advise_on_header,
    "type": claims.advise_on_header,
    "unknown_key": claims.advise_on_issuer,
    "issuer": claims.advise_on_issuer,
    "missing_claim": claims.advise_on_claim,
    "malformed_claim": claims.advise_on_claim,
    "audience": claims.advise_on_audience,
    "missing_scope": claims.advise_on_scope,
    "expired": claims.advise_on_expiry,
    "not_yet_valid": claims.advise_on_early_use,
    "issued_in_future": claims.advise_on_early_use,
}


def advise(verdict: Verdict, token: Decoded | None, family: Family, expected: Expected) -> tuple[str, str]:
    """Say what is wrong with a refused token, and the fix."""
    if verdict.reason in _FIXED_TEXTS:
        return _FIXED_TEXTS[verdict.reason]
    header, members = (token.header, token.claims or {}) if token else ({}, {})
    return _ADVISERS[verdict.reason](Case(verdict, header, members, family, expected))
