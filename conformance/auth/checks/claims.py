"""Tokens that the issuer did sign, but not for this server, or not as access tokens."""

from collections.abc import Callable
from typing import Any

from conformance.auth.checks.refusing import Make, claiming, lacks_control, refuses
from conformance.auth.checks.specs import PRIVILEGE, TOKENS
from conformance.auth.issuer import ABSENT, Issuer
from conformance.auth.requirement import Check, Family, Level, Requirement, Result, failed, passed
from conformance.auth.server import Server

_ODD: tuple[tuple[str, Any], ...] = (
    ("scope", 1),
    ("scope", {"openid": True}),
    ("client_id", ["client_01SUITE"]),
    ("jti", 1),
    ("sid", {}),
    ("exp", 10**400),
    ("exp", -(10**400)),
    ("iat", 10**400),
    ("nbf", 10**400),
    ("nbf", "now"),
    ("sub", "\x00\ud83d"),
    ("org_id", 1),
)


def audience(change: Callable[[str], object]) -> Make:
    """An audience made from the right one."""
    return lambda issuer: issuer.token(aud=change(issuer.audience))


def id_token(issuer: Issuer) -> str:
    absent = dict.fromkeys(["client_id", "jti", "sid", "scope"], ABSENT)
    about = {"aud": "client_01SUITE", "nonce": "n", "email": "alice@example.com"}
    return issuer.sign(issuer.claims(**absent, **about))


async def no_server_error(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    for name, value in _ODD:
        token, tool = issuer.token(**{name: value}), server.target.whoami
        answer = await server.call(token, tool) if tool else await server.exchange(token)
        if answer.status >= 500:
            return failed(f"{name}: {answer.told}")
    return passed("no server error")


def row(name: str, behaviour: str, level: Level, spec: str, check: Check) -> Requirement:
    return Requirement(f"claims-{name}", behaviour, level, spec, check)


FAMILY = Family(
    "Tokens for another place or purpose, each answered 401",
    (
        row(
            "issuer",
            "Another issuer, or none",
            Level.MUST,
            TOKENS,
            refuses(
                other=claiming(iss="https://other.example"),
                absent=claiming(iss=ABSENT),
                list=lambda issuer: issuer.token(iss=[issuer.url]),
            ),
        ),
        row(
            "issuer-slash",
            "The issuer with a slash behind it: `iss` is compared as it is",
            Level.MUST,
            "RFC 7519 s. 2, 4.1.1",
            refuses(slash=lambda issuer: issuer.token(iss=f"{issuer.url}/")),
        ),
        row(
            "audience",
            "Another audience, or a list without this resource",
            Level.MUST,
            PRIVILEGE,
            refuses(
                other=claiming(aud="https://other.example/mcp"),
                list=claiming(aud=["https://other.example/mcp", "client_01SUITE"]),
                empty=claiming(aud=""),
                empty_list=claiming(aud=[]),
                number=claiming(aud=1),
                object=audience(lambda resource: {resource: True}),
            ),
        ),
        row(
            "audience-near",
            "An audience that begins like this resource, or is its site, or another path there",
            Level.MUST,
            PRIVILEGE,
            refuses(
                longer=audience(lambda resource: f"{resource}/other"),
                much_longer=audience(lambda resource: f"{resource}2"),
                site=audience(lambda resource: resource.rpartition("/")[0]),
                sibling=audience(lambda resource: f"{resource.rpartition('/')[0]}/other"),
            ),
        ),
        row("audience-absent", "No audience", Level.MUST, PRIVILEGE, refuses(absent=claiming(aud=ABSENT))),
        row(
            "subject-absent",
            "No `sub`, or one that is no string",
            Level.SHOULD,
            "RFC 9068 s. 2.2",
            refuses(absent=claiming(sub=ABSENT), number=claiming(sub=1), object=claiming(sub={"id": 1})),
        ),
        row("id-token", "An ID token of the same issuer", Level.MUST, TOKENS, refuses(id_token=id_token)),
        Requirement(
            "claims-odd",
            "Claims of a type or size that nobody expects: anything but a server error",
            Level.SHOULD,
            TOKENS,
            no_server_error,
            inferred=True,
        ),
    ),
)
