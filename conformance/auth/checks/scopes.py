"""A good token that lacks a scope: 403 and a challenge from which a client can step up."""

from collections.abc import Callable

from conformance.auth.answer import Answer
from conformance.auth.checks.specs import STEP_UP, TOKENS
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Check, Family, Level, Requirement, Result, failed, judged, not_applicable
from conformance.auth.server import Server

Judge = Callable[[Answer, Server], Result]
_NONE_NEEDED = "the server needs no scope"
_NO_TOOL = "no tool needs a scope of its own"


def lacking(judge: Judge) -> Check:
    """A check of the answer to a token without any of the scopes that each request needs."""

    async def check(server: Server, issuer: Issuer) -> Result:
        if not server.target.scopes:
            return not_applicable(_NONE_NEEDED)
        return judge(await server.exchange(issuer.token(scope="openid")), server)

    return check


def stepping_up(judge: Judge) -> Check:
    """The same for the tool that needs one scope more."""

    async def check(server: Server, issuer: Issuer) -> Result:
        if not server.target.scoped_tool:
            return not_applicable(_NO_TOOL)
        return judge(await server.call(issuer.token(), server.target.scoped_tool), server)

    return check


def is_refused(answer: Answer, server: Server) -> Result:
    return judged(answer.status in {401, 403}, answer.told)


def is_not_run(answer: Answer, server: Server) -> Result:
    ran = answer.is_served and not answer.message["result"].get("isError")
    return judged(not ran, answer.told)


def is_forbidden(answer: Answer, server: Server) -> Result:
    return judged(answer.status == 403, answer.told)


def is_insufficient(answer: Answer, server: Server) -> Result:
    error = answer.challenge.error if answer.challenge else None
    return judged(error == "insufficient_scope", answer.told)


def names_all(answer: Answer, server: Server) -> Result:
    return _names(answer, set(server.target.scopes))


def names_the_tools(answer: Answer, server: Server) -> Result:
    return _names(answer, {*server.target.scopes, server.target.scoped_tool_scope})


def names_metadata(answer: Answer, server: Server) -> Result:
    url = answer.challenge.resource_metadata if answer.challenge else ""
    return judged(bool(url), f"{answer.told}, resource_metadata {'there' if url else 'absent'}")


def _names(answer: Answer, needed: set[str]) -> Result:
    named = answer.challenge.scopes if answer.challenge else frozenset()
    state = "complete" if needed <= named else "incomplete" if named else "absent"
    return judged(needed <= named, f"{answer.told}, scope {state}")


async def look_alikes(server: Server, issuer: Issuer) -> Result:
    if not server.target.scopes:
        return not_applicable(_NONE_NEEDED)
    for change in (str.upper, lambda scope: f"{scope}x", lambda scope: f"x{scope}", lambda scope: scope[:-1]):
        near = " ".join(change(scope) for scope in server.target.scopes)
        answer = await server.exchange(issuer.token(scope=near))
        if answer.status not in {401, 403}:
            return failed(f"{near.split()[0]}: {answer.told}")
    return judged(True, answer.told)


async def expired_first(server: Server, issuer: Issuer) -> Result:
    if not server.target.scopes:
        return not_applicable(_NONE_NEEDED)
    now = issuer.claims()["iat"]
    answer = await server.exchange(issuer.token(scope="openid", iat=now - 900, exp=now - 300))
    return judged(answer.status == 401, answer.told)


async def enough(server: Server, issuer: Issuer) -> Result:
    if not server.target.scoped_tool:
        return not_applicable(_NO_TOOL)
    token = issuer.token(scope=f"{issuer.scope} {server.target.scoped_tool_scope}")
    answer = await server.call(token, server.target.scoped_tool)
    return judged(answer.is_served and not answer.message["result"].get("isError"), answer.told)


def row(name: str, behaviour: str, check: Check, level: Level = Level.SHOULD, spec: str = STEP_UP) -> Requirement:
    return Requirement(name, behaviour, level, spec, check)


MUST = Level.MUST
FAMILY = Family(
    "Scopes",
    (
        row(
            "scope-refused",
            "A token without a scope that every request needs is refused",
            lacking(is_refused),
            MUST,
            TOKENS,
        ),
        row("scope-403", "A missing scope is answered 403", lacking(is_forbidden)),
        row(
            "scope-error", "For a missing scope the challenge says `insufficient_scope`", lacking(is_insufficient)
        ),
        row(
            "scope-named",
            "For a missing scope the challenge names every scope that is needed, at once",
            lacking(names_all),
        ),
        row("scope-metadata", "For a missing scope the challenge names the metadata", lacking(names_metadata)),
        row(
            "scope-look-alike",
            "A scope that only resembles the needed one is not enough",
            look_alikes,
            MUST,
            "RFC 6749 s. 3.3",
        ),
        row("scope-expired-first", "Expired and short of a scope is expired: 401", expired_first, MUST, TOKENS),
        row(
            "step-up-refused",
            "A tool that needs a scope more does not run without it",
            stepping_up(is_not_run),
            MUST,
            TOKENS,
        ),
        row(
            "step-up-403",
            "Such a tool's refusal is a 403, so that a client can step up",
            stepping_up(is_forbidden),
        ),
        row(
            "step-up-named",
            "Such a tool's challenge names every scope that the call needs, at once",
            stepping_up(names_the_tools),
        ),
        row("step-up-enough", "Such a tool runs with the scope", enough, MUST, TOKENS),
    ),
)
