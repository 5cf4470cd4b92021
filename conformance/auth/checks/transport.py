"""What the endpoint must not give away: time, addresses, the caller's own text, other people's data."""

import asyncio
from uuid import uuid4

from conformance.auth.checks.refusing import lacks_control
from conformance.auth.checks.specs import ENDPOINT, PRIVILEGE, REVISIONS
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import (
    Check,
    Family,
    Level,
    Requirement,
    Result,
    failed,
    judged,
    not_applicable,
    passed,
)
from conformance.auth.server import VERSION, Fields, Server

CALLERS = 12
_SPOOFED = "attacker.example"
_HOSTS: tuple[Fields, ...] = (
    [("host", _SPOOFED)],
    [("x-forwarded-host", _SPOOFED), ("x-forwarded-proto", "https")],
    [("forwarded", f"host={_SPOOFED};proto=https")],
    [("x-original-host", _SPOOFED), ("x-forwarded-prefix", f"/{_SPOOFED}")],
)


def at_once(method: str) -> Check:
    async def check(server: Server, issuer: Issuer) -> Result:
        if why := await lacks_control(server, issuer):
            return failed(why)
        fields = [("accept", "text/event-stream"), ("mcp-session-id", "none")]
        answer = await server.send(
            method, token=issuer.token(), fields=fields, seconds=server.target.bounds.at_once
        )
        return judged(answer.status < 500, answer.told)

    return check


def not_allowed(method: str) -> Check:
    async def check(server: Server, issuer: Issuer) -> Result:
        fields = [("accept", "text/event-stream"), ("mcp-protocol-version", VERSION)]
        answer = await server.send(
            method, token=issuer.token(), fields=fields, seconds=server.target.bounds.at_once
        )
        return judged(answer.status == 405, answer.told)

    return check


async def addresses(server: Server, issuer: Issuer) -> Result:
    for fields in _HOSTS:
        for answer in (
            await server.exchange(fields=fields),
            await server.send("GET", server.target.metadata_url, fields=fields),
        ):
            if _SPOOFED in answer.text or any(_SPOOFED in value for _, value in answer.fields):
                return failed(f"{fields[0][0]} is repeated: {answer.status}")
    return passed("not repeated")


async def no_echo(server: Server, issuer: Issuer) -> Result:
    mark = f"mark{uuid4().hex[:12]}"
    url = f"{server.target.url}?{mark}=<{mark}>"
    token = issuer.token(aud=f"https://{mark}.example", sub=mark, iss=f"https://{mark}.example")
    for name, answer in {
        "token": await server.exchange(mark),
        "claims": await server.exchange(token),
        "key id": await server.exchange(issuer.token({"kid": mark})),
        "query": await server.exchange(url=url),
        "origin": await server.exchange(fields=[("origin", f"https://{mark}.example")]),
        "session": await server.exchange(fields=[("mcp-session-id", mark)]),
    }.items():
        if mark in answer.text or any(mark in value for _, value in answer.fields):
            return failed(f"text of the {name} is repeated: {answer.status}")
    return passed("not repeated")


async def everyone_themselves(server: Server, issuer: Issuer) -> Result:
    tool = server.target.whoami
    if not tool:
        return not_applicable("no tool says who is calling")
    subjects = [f"user_{number:02}{uuid4().hex[:8]}" for number in range(CALLERS)]
    answers = await asyncio.gather(*(server.call(issuer.token(sub=subject), tool) for subject in subjects))
    for subject, answer in zip(subjects, answers, strict=True):
        named = [other for other in subjects if other in answer.text]
        if named != [subject]:
            return failed(f"{answer.told}, naming {'nobody' if not named else 'somebody else'}")
    return passed(f"{CALLERS} callers at once, each named alone")


FAMILY = Family(
    "The endpoint",
    (
        Requirement(
            "get-at-once",
            "A GET with a token is answered at once: a status, or the head of a stream",
            Level.MUST,
            REVISIONS,
            at_once("GET"),
            inferred=True,
        ),
        Requirement("get-405", "A GET of revision 2026-07-28 is 405", Level.SHOULD, REVISIONS, not_allowed("GET")),
        Requirement(
            "delete-at-once",
            "A DELETE with a token is answered at once",
            Level.MUST,
            REVISIONS,
            at_once("DELETE"),
            inferred=True,
        ),
        Requirement(
            "delete-405", "A DELETE of revision 2026-07-28 is 405", Level.SHOULD, REVISIONS, not_allowed("DELETE")
        ),
        Requirement(
            "addresses",
            "`Host` and `X-Forwarded-Host` change no address in challenge or metadata",
            Level.SHOULD,
            "RFC 9728 s. 3.3, 7.3",
            addresses,
            inferred=True,
        ),
        Requirement(
            "no-echo",
            "A refusal repeats nothing of the request or the token",
            Level.SHOULD,
            ENDPOINT,
            no_echo,
            inferred=True,
        ),
        Requirement(
            "callers-apart",
            f"{CALLERS} callers at the same time each see themselves alone",
            Level.MUST,
            PRIVILEGE,
            everyone_themselves,
        ),
    ),
)
