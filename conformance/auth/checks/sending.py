"""How a token is sent."""

from urllib.parse import quote

from conformance.auth.checks.refusing import lacks_control
from conformance.auth.checks.specs import ERRORS, TOKENS
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Family, Level, Requirement, Result, failed, judged, passed
from conformance.auth.server import Server, message


async def query(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    answer = await server.exchange(url=f"{server.target.url}?access_token={quote(issuer.token())}")
    return judged(answer.status == 401, answer.told)


async def form(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    fields = [*message("tools/list", {})[0], ("content-type", "application/x-www-form-urlencoded")]
    content = f"access_token={quote(issuer.token())}".encode()
    answer = await server.send(fields=fields, content=content)
    return judged(answer.status in {400, 401, 415}, answer.told)


async def cookie(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    token = issuer.token()
    fields = [("cookie", f"access_token={token}; token={token}; Authorization=Bearer {token}")]
    answer = await server.exchange(fields=fields)
    return judged(answer.status == 401, answer.told)


async def two_fields(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    good, bad = f"Bearer {issuer.token()}", "Bearer garbage"
    ways = {"good one first": (good, bad), "bad one first": (bad, good), "in one field": (f"{good}, {bad}",)}
    for name, values in ways.items():
        answer = await server.exchange(fields=[("authorization", value) for value in values])
        if answer.status not in {400, 401}:
            return failed(f"{name}: {answer.told}")
    return passed(answer.told)


async def other_schemes(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    token = issuer.token()
    for value in (f"Basic {token}", f"DPoP {token}", f"Token {token}", token, "Bearer"):
        answer = await server.exchange(fields=[("authorization", value)])
        if answer.status != 401:
            return failed(f"{value.partition(' ')[0][:6]}: {answer.told}")
    return passed("401")


async def huge(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    for size in (9_000, 60_000):
        answer = await server.exchange("e" * size)
        if not 400 <= answer.status < 500:
            return failed(f"{size:,} bytes: {answer.told}")
    return passed(answer.told)


async def beyond_ascii(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    for value in ("Bearer t\u00f6ken".encode(), b"Bearer \xff\xfe", b"Bearer \xc2\xa0"):
        answer = await server.exchange(fields=[("authorization", value)])
        if answer.status not in {400, 401}:
            return failed(answer.told)
    return passed(answer.told)


_ONE_WAY = "RFC 6750 s. 2; OAuth 2.1 s. 5.1"
FAMILY = Family(
    "How a token is sent",
    (
        Requirement(
            "sent-in-query",
            "A token in the query string is not taken: 401",
            Level.MUST,
            _ONE_WAY,
            query,
            inferred=True,
        ),
        Requirement(
            "sent-in-form", "A token in a form body is not taken", Level.SHOULD, _ONE_WAY, form, inferred=True
        ),
        Requirement(
            "sent-in-cookie", "A token in a cookie is not taken: 401", Level.MUST, _ONE_WAY, cookie, inferred=True
        ),
        Requirement(
            "sent-twice",
            "Two Authorization fields that differ are never served: 400 or 401",
            Level.SHOULD,
            ERRORS,
            two_fields,
        ),
        Requirement(
            "sent-by-other-scheme",
            "Another scheme, no scheme or an empty token: 401",
            Level.MUST,
            TOKENS,
            other_schemes,
        ),
        Requirement(
            "sent-huge",
            "A token of 9,000 or 60,000 bytes is a client's error",
            Level.SHOULD,
            "RFC 6585 s. 5",
            huge,
            inferred=True,
        ),
        Requirement(
            "sent-beyond-ascii",
            "Bytes beyond ASCII in place of a token: 400 or 401",
            Level.SHOULD,
            ERRORS,
            beyond_ascii,
            inferred=True,
        ),
    ),
)
