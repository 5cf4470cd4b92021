"""Origins: pages that may call the server, and pages that must not."""

from conformance.auth.checks.refusing import lacks_control
from conformance.auth.checks.specs import ENDPOINT
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import (
    Family,
    Level,
    Requirement,
    Result,
    failed,
    judged,
    not_applicable,
    passed,
)
from conformance.auth.server import Server

_NO_ORIGIN = "no browser origin is allowed"
_FOREIGN = "https://attacker.example"
_WANTED = "authorization, content-type, mcp-protocol-version, mcp-method, mcp-name"


async def foreign(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    answer = await server.exchange(issuer.token(), fields=[("origin", _FOREIGN)])
    return judged(answer.status == 403, answer.told)


async def foreign_without_token(server: Server, issuer: Issuer) -> Result:
    answer = await server.exchange(fields=[("origin", _FOREIGN)])
    return judged(answer.status == 403, answer.told)


async def look_alikes(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    allowed = server.target.origin or server.target.site
    scheme, _, host = allowed.partition("://")
    for origin in (
        "null",
        f"{allowed}.attacker.example",
        f"{scheme}://attacker.example/{host}",
        f"{allowed}@attacker.example",
    ):
        answer = await server.exchange(issuer.token(), fields=[("origin", origin)])
        if answer.status != 403:
            return failed(f"{origin.replace(host, 'allowed')}: {answer.told}")
    return passed("403")


async def allowed(server: Server, issuer: Issuer) -> Result:
    if not server.target.origin:
        return not_applicable(_NO_ORIGIN)
    answer = await server.exchange(issuer.token(), fields=[("origin", server.target.origin)])
    readable = answer.field("access-control-allow-origin") in {"*", server.target.origin}
    return judged(answer.is_served and readable, f"{answer.told}, {'readable' if readable else 'not readable'}")


async def preflight(server: Server, issuer: Issuer) -> Result:
    if not server.target.origin:
        return not_applicable(_NO_ORIGIN)
    fields = [
        ("origin", server.target.origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", _WANTED),
    ]
    answer = await server.send("OPTIONS", fields=fields)
    if not 200 <= answer.status < 300:
        return failed(answer.told)
    granted = {name.strip().lower() for name in answer.field("access-control-allow-headers").split(",")}
    missing = [name for name in _WANTED.split(", ") if name not in granted]
    # Fetch standard: "*" never covers Authorization.
    missing = [name for name in missing if name == "authorization" or "*" not in granted]
    readable = answer.field("access-control-allow-origin") in {"*", server.target.origin}
    return judged(readable and not missing, f"{answer.status}, {', '.join(missing) or 'nothing'} missing")


async def foreign_preflight(server: Server, issuer: Issuer) -> Result:
    fields = [
        ("origin", _FOREIGN),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", _WANTED),
    ]
    answer = await server.send("OPTIONS", fields=fields)
    granted = answer.field("access-control-allow-origin") in {"*", _FOREIGN}
    return judged(not granted, f"{answer.status}, {'granted' if granted else 'not granted'}")


async def readable_challenge(server: Server, issuer: Issuer) -> Result:
    if not server.target.origin:
        return not_applicable(_NO_ORIGIN)
    answer = await server.exchange(fields=[("origin", server.target.origin)])
    exposed = {name.strip().lower() for name in answer.field("access-control-expose-headers").split(",")}
    readable = answer.status == 401 and "www-authenticate" in exposed
    return judged(readable, f"{answer.status}, {'exposed' if readable else 'not exposed'}")


FAMILY = Family(
    "Browsers",
    (
        Requirement(
            "origin-foreign", "A foreign `Origin` with a good token is 403", Level.MUST, ENDPOINT, foreign
        ),
        Requirement(
            "origin-foreign-no-token",
            "A foreign `Origin` without a token is 403 as well",
            Level.MUST,
            ENDPOINT,
            foreign_without_token,
        ),
        Requirement(
            "origin-look-alike",
            "`null` and origins that contain an allowed one are 403",
            Level.MUST,
            ENDPOINT,
            look_alikes,
        ),
        Requirement(
            "origin-allowed",
            "A page of an allowed origin is served and may read the answer",
            Level.SHOULD,
            ENDPOINT,
            allowed,
            inferred=True,
        ),
        Requirement(
            "origin-preflight",
            "The preflight of such a page is answered before any authentication, with every header that MCP needs",
            Level.SHOULD,
            "Fetch standard, CORS-preflight fetch",
            preflight,
            inferred=True,
        ),
        Requirement(
            "origin-foreign-preflight",
            "The preflight of a foreign page is not granted",
            Level.SHOULD,
            ENDPOINT,
            foreign_preflight,
            inferred=True,
        ),
        Requirement(
            "origin-challenge",
            "Such a page may read the challenge (`Access-Control-Expose-Headers`)",
            Level.MAY,
            "Fetch standard, CORS-safelisted response-header names",
            readable_challenge,
        ),
    ),
)
