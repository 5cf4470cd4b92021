"""Requests that try to get by without a token."""

from conformance.auth.checks.refusing import lacks_control
from conformance.auth.checks.specs import PRIVILEGE, REQUIRED
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Family, Level, Requirement, Result, failed, judged, passed
from conformance.auth.server import Server

_METHODS = ("initialize", "server/discover", "tools/list", "tools/call", "ping", "no/such/method")


async def session_id(server: Server, issuer: Issuer) -> Result:
    opened = await server.initialize(issuer.token())
    session = opened.field("mcp-session-id") or "0123456789abcdef0123456789abcdef"
    answer = await server.exchange(fields=[("mcp-session-id", session)])
    return judged(answer.status == 401, answer.told)


async def every_method(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    for method in _METHODS:
        answer = await server.exchange(method=method)
        if answer.status != 401:
            return failed(f"{method}: {answer.told}")
    answer = await server.initialize()
    return judged(answer.status == 401, answer.told)


async def every_spelling(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    path = server.target.path
    first = path[:-1] + f"%{ord(path[-1]):02x}"
    for spelling in (f"{path}/", f"/{path}", path.upper(), first, f"{path};x=1", f"{path}/x", f"/x/..{path}"):
        answer = await server.exchange(url=server.target.site + spelling)
        if answer.is_served or 200 <= answer.status < 300:
            return failed(f"{spelling}: {answer.told}")
    return passed("never served")


async def on_get(server: Server, issuer: Issuer) -> Result:
    answer = await server.send("GET", fields=[("accept", "text/event-stream")])
    return judged(answer.status == 401 and answer.challenge is not None, answer.told)


FAMILY = Family(
    "Requests without a token",
    (
        Requirement("no-token-session", "A session id is no credential: 401", Level.MUST, PRIVILEGE, session_id),
        Requirement(
            "no-token-methods",
            "No method of either era is open without a token: 401",
            Level.MUST,
            PRIVILEGE,
            every_method,
        ),
        Requirement(
            "no-token-spellings",
            "No spelling of the endpoint's path is open without a token",
            Level.MUST,
            PRIVILEGE,
            every_spelling,
        ),
        Requirement(
            "no-token-get",
            "A GET without a token is challenged as well: some clients begin so",
            Level.MAY,
            REQUIRED,
            on_get,
        ),
    ),
)
