"""Say what is wrong with a claim or header of a refused token, and which setting or dashboard field to change."""

from dataclasses import dataclass
from datetime import UTC, datetime

from infra.operator.access_token.decoded import Members
from infra.operator.access_token.expected import Expected
from infra.operator.access_token.family import Family
from infra.operator.access_token.verdict import Verdict, read_audiences, read_seconds
from infra.operator.report import printable

GET_ACCESS_TOKEN = "send the access token that an MCP client gets by logging in at AuthKit (/oauth2/authorize)"
_RESERVED = {"iss", "sub", "exp", "iat", "nbf", "jti"}
"""Claims that no JWT template can set."""
_CONFIGURATION = "dashboard: Connect, Configuration"

TEMPLATE = "dashboard: Authentication, Sessions, JWT template"


@dataclass(frozen=True, slots=True)
class Case:
    """A refused token, and everything that is known about it."""

    verdict: Verdict
    header: Members
    claims: Members
    family: Family
    expected: Expected


def advise_on_header(case: Case) -> tuple[str, str]:
    return (
        f"its {case.verdict.detail} is {_show(case.header, case.verdict.detail)}",
        f"AuthKit signs access tokens with RS256 and no typ: {GET_ACCESS_TOKEN}",
    )


def advise_on_issuer(case: Case) -> tuple[str, str]:
    issuer = _show(case.claims, "iss")
    what = f"iss is {issuer}, the server trusts {printable(case.expected.issuer)}"
    if case.family is Family.SESSION:
        return f"{what}: a session token is for your own web application", GET_ACCESS_TOKEN
    if case.claims.get("iss") == case.expected.issuer:
        return (
            "AuthKit does not list the key that signed it",
            "log in again: the key was withdrawn, or the token is of another WorkOS environment",
        )
    # The token is not verified, so it cannot prove whose AuthKit its issuer is; the dashboard can.
    return (
        what,
        (
            "log in at this server's AuthKit; or, if the dashboard (Domains) names the token's as yours, set "
            "WORKOS_AUTHKIT_DOMAIN to it"
        ),
    )


def advise_on_claim(case: Case) -> tuple[str, str]:
    claim = case.verdict.detail
    if case.family is Family.ID:
        return (
            f"an ID token has no {claim}: it tells an application who logged in",
            "send access_token of the token response in place of id_token",
        )
    if case.family is Family.SESSION:
        return f"it has no {claim}: a session token is for your own web application", GET_ACCESS_TOKEN
    if case.verdict.reason == "missing_claim":
        return f"it has no {claim}", f"it is not an access token of AuthKit: {GET_ACCESS_TOKEN}"
    if claim in _RESERVED:
        return f"{claim} is of the wrong type", f"it is not from AuthKit: {GET_ACCESS_TOKEN}"
    return f"{claim} is of the wrong type", f"take {claim} out of the JWT template ({TEMPLATE})"


def advise_on_audience(case: Case) -> tuple[str, str]:
    audiences, resource = read_audiences(case.claims) or frozenset(), printable(case.expected.resource)
    what = f"aud is {_show(case.claims, 'aud')}, this server is {resource}"
    if case.family is Family.MACHINE:
        return (
            f"aud is {_show(case.claims, 'aud')}, which is not this server's WorkOS environment",
            (
                "use a machine application of the environment that WORKOS_CLIENT_ID names (dashboard: Connect, "
                "Applications), or correct WORKOS_CLIENT_ID on the function"
            ),
        )
    if any(each.startswith("client_") for each in audiences):
        return (
            f"{what}: the token was issued for no resource",
            (
                f"register {resource} as MCP resource indicator ({_CONFIGURATION}, or make provision) and log in "
                "again; as default, if the client sends no resource; until then TOKEN_AUDIENCE=both"
            ),
        )
    if case.expected.resource in audiences:
        return (
            f"{what}, and TOKEN_AUDIENCE there wants the client id",
            "set TOKEN_AUDIENCE=resource on the function: the resource indicator is registered, tokens name it",
        )
    if any(each.rstrip("/") == resource for each in audiences):
        return (
            f"{what}: aud has an extra slash at the end",
            f"register {resource} without the slash ({_CONFIGURATION}), give clients that URL, log in again",
        )
    return _foreign_audience(case, audiences, what, resource)


def _foreign_audience(case: Case, audiences: frozenset[str], what: str, resource: str) -> tuple[str, str]:
    """AuthKit puts a registered resource or the client id into aud. Any other value comes from a JWT template."""
    take_out = f"take aud out of the JWT template ({TEMPLATE}), then log in again"
    if case.expected.template_sets_aud:
        return f"{what}: this environment's JWT template replaces aud", take_out
    log_in = f"log in at {resource}; if aud is this server's old name, register the new one ({_CONFIGURATION})"
    if case.expected.template_sets_aud is None and not any(_can_be_resource(each) for each in audiences):
        return f"{what}: it is neither a resource nor a client id, so a JWT template put it there", take_out
    if case.expected.template_sets_aud is None:
        return (
            f"{what}: the token is for another server, or a JWT template replaces aud",
            f"{log_in}; if all your tokens have this aud, {take_out}",
        )
    return f"{what}: the token is for another server", log_in


def _can_be_resource(audience: str) -> bool:
    """Whether it can be a resource indicator of AuthKit, which is an absolute http(s) URI."""
    return audience.startswith(("https://", "http://"))


def advise_on_scope(case: Case) -> tuple[str, str]:
    return (
        f"it lacks a scope of: {case.verdict.detail or 'those in REQUIRED_SCOPES'}",
        "log in again asking for them; AuthKit must offer them (WorkOS support), or shorten REQUIRED_SCOPES",
    )


def advise_on_expiry(case: Case) -> tuple[str, str]:
    end = read_seconds(case.claims, "exp")
    return (
        f"it expired {_format_seconds(case.expected.now - end)} ago, at {_format_time(end)}",
        (
            "get a new one; a client that does not refresh by itself has no refresh token: let it ask for "
            "offline_access"
        ),
    )


def advise_on_early_use(case: Case) -> tuple[str, str]:
    distance = read_seconds(case.claims, case.verdict.detail) - case.expected.now
    return (
        f"{case.verdict.detail} is {_format_seconds(distance)} ahead",
        "set the clock of whoever made it, or this one",
    )


def _format_seconds(distance: float) -> str:
    return f"{distance:.0f} s" if distance < 7200 else f"{distance / 3600:.0f} h"


def _format_time(epoch: float) -> str:
    try:
        return datetime.fromtimestamp(epoch, UTC).isoformat(" ", "seconds")
    except (ValueError, OverflowError, OSError):
        return "a time without a date"


def _show(members: Members, name: str) -> str:
    value = members.get(name)
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return printable(shown or "empty", 90)
