"""The 401 that begins every login: what a client reads in its challenge."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from conformance.auth.answer import Answer
from conformance.auth.challenge import Challenge
from conformance.auth.checks.specs import CHALLENGE, DISCOVERY, ERRORS, REFRESH, SCOPES
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Check, Family, Level, Requirement, Result, failed, judged, not_applicable
from conformance.auth.server import Server

Judge = Callable[[Challenge, Server], Result]
Ask = Callable[[Server, Issuer], Awaitable[Answer]]


async def without_token(server: Server, issuer: Issuer) -> Answer:
    return await server.exchange()


async def with_bad_token(server: Server, issuer: Issuer) -> Answer:
    return await server.exchange(issuer.token(aud="https://other.example/mcp"))


def challenged(judge: Judge, ask: Ask = without_token) -> Check:
    """A check of the challenge in a 401; without a challenge it fails."""

    async def check(server: Server, issuer: Issuer) -> Result:
        answer = await ask(server, issuer)
        if answer.status != 401 or answer.challenge is None:
            return failed(f"{answer.told}, {'a' if answer.challenge else 'no'} Bearer challenge")
        return judge(answer.challenge, server)

    return check


async def refused(server: Server, issuer: Issuer) -> Result:
    answer = await server.exchange()
    return judged(answer.status == 401, answer.told)


def present(challenge: Challenge, server: Server) -> Result:
    return judged(True, "a Bearer challenge")


def well_formed(challenge: Challenge, server: Server) -> Result:
    return judged(not challenge.faults, "; ".join(challenge.faults) or "well formed")


async def leads_to_metadata(server: Server, issuer: Issuer) -> Result:
    answer = await server.exchange()
    url = answer.challenge.resource_metadata if answer.challenge else ""
    if not url:
        return failed("no resource_metadata")
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        return failed("resource_metadata is no absolute URL")
    document = await server.send("GET", url)
    found = document.json.get("resource") if isinstance(document.json, dict) else None
    return judged(found == server.target.identifier, f"{document.told}, resource {'equal' if found else 'absent'}")


def no_error(challenge: Challenge, server: Server) -> Result:
    given = [name for name in ("error", "error_description", "error_uri") if name in challenge.parameters]
    return judged(not given, f"{', '.join(given) or 'no error'}")


def names_scope(challenge: Challenge, server: Server) -> Result:
    return judged(bool(challenge.scopes), f"scope {'there' if challenge.scopes else 'absent'}")


def scope_is_enough(challenge: Challenge, server: Server) -> Result:
    if not server.target.scopes:
        return not_applicable("the server needs no scope")
    if not challenge.scopes:
        return not_applicable("the challenge names no scope")
    missing = set(server.target.scopes) - challenge.scopes
    return judged(not missing, f"{len(missing)} of the scopes that it needs are missing")


def no_offline_access(challenge: Challenge, server: Server) -> Result:
    if not challenge.scopes:
        return not_applicable("the challenge names no scope")
    asked = "offline_access" in challenge.scopes
    return judged(not asked, f"offline_access {'asked for' if asked else 'not asked for'}")


def says_invalid_token(challenge: Challenge, server: Server) -> Result:
    return judged(challenge.error == "invalid_token", f"error {challenge.error}")


def names_metadata(challenge: Challenge, server: Server) -> Result:
    url = challenge.resource_metadata
    return judged(bool(url), f"resource_metadata {'there' if url else 'absent'}")


def row(
    name: str, behaviour: str, level: Level, spec: str, check: Check, *, inferred: bool = False
) -> Requirement:
    return Requirement(f"challenge-{name}", behaviour, level, spec, check, inferred)


MUST, SHOULD = Level.MUST, Level.SHOULD
FAMILY = Family(
    "The challenge",
    (
        row(
            "401", "A request without a token is answered 401", MUST, "MCP authorization, Error Handling", refused
        ),
        row("present", "The 401 has a Bearer challenge in WWW-Authenticate", MUST, CHALLENGE, challenged(present)),
        row(
            "form",
            "The challenge is well formed, no parameter comes twice",
            MUST,
            CHALLENGE,
            challenged(well_formed),
        ),
        row(
            "metadata",
            "Its `resource_metadata` is an absolute URL that leads to this resource's metadata",
            MUST,
            "RFC 9728 s. 5.1",
            leads_to_metadata,
        ),
        row("no-error", "Without a token the challenge has no error code", SHOULD, ERRORS, challenged(no_error)),
        row("scope", "The challenge names a scope", SHOULD, SCOPES, challenged(names_scope)),
        row(
            "scope-enough",
            "The challenge names every scope that a request needs",
            SHOULD,
            SCOPES,
            challenged(scope_is_enough),
        ),
        row(
            "no-offline",
            "The challenge does not ask for `offline_access`",
            SHOULD,
            REFRESH,
            challenged(no_offline_access),
        ),
        row(
            "invalid-token",
            "For a bad token the challenge says `invalid_token`",
            SHOULD,
            ERRORS,
            challenged(says_invalid_token, with_bad_token),
        ),
        row(
            "bad-token-metadata",
            "For a bad token the challenge names the metadata too",
            SHOULD,
            DISCOVERY,
            challenged(names_metadata, with_bad_token),
            inferred=True,
        ),
    ),
)
