"""What happens while the issuer cannot be reached: before its keys were ever fetched, and afterwards."""

from conformance.auth.answer import Answer
from conformance.auth.checks.refusing import lacks_control
from conformance.auth.checks.specs import DISCOVERY, ERRORS, UNAVAILABLE
from conformance.auth.checks.waiting import until
from conformance.auth.issuer import Issuer, Mode
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


async def answers_in_time(server: Server, issuer: Issuer) -> Result:
    # The first of all checks: no key is known yet, so that the server has to ask.
    answer = await _during(Mode.HANGING, server, issuer)
    if answer.is_served:
        return failed("served: it knew the keys already, start it anew")
    return passed(f"{answer.told} after {answer.seconds:.0f} s")


async def no_401(server: Server, issuer: Issuer) -> Result:
    answer = await _during(Mode.FAILING, server, issuer)
    return judged(answer.status >= 500, answer.told)


async def unavailable(server: Server, issuer: Issuer) -> Result:
    answer = await _during(Mode.FAILING, server, issuer)
    return judged(answer.status == 503, answer.told)


async def retry_after(server: Server, issuer: Issuer) -> Result:
    answer = await _during(Mode.FAILING, server, issuer)
    if answer.status != 503:
        return not_applicable("the answer is no 503")
    wait = answer.field("retry-after")
    return judged(wait.isdigit(), f"{'a' if wait else 'no'} Retry-After")


async def metadata(server: Server, issuer: Issuer) -> Result:
    issuer.mode = Mode.FAILING
    answer = await server.send("GET", server.target.metadata_url)
    issuer.mode = Mode.UP
    return judged(answer.status == 200, answer.told)


async def challenge(server: Server, issuer: Issuer) -> Result:
    issuer.mode = Mode.FAILING
    answer = await server.exchange()
    issuer.mode = Mode.UP
    return judged(answer.status == 401 and answer.challenge is not None, answer.told)


async def recovery(server: Server, issuer: Issuer) -> Result:
    await _during(Mode.FAILING, server, issuer)
    answer, seconds = await until(server, issuer.token, lambda answer: answer.is_served)
    return judged(answer.is_served, f"{answer.told} after {seconds:.0f} s")


async def known_key(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    answer = await _during(Mode.FAILING, server, issuer)
    return judged(answer.is_served, answer.told)


async def new_key(server: Server, issuer: Issuer) -> Result:
    if why := await lacks_control(server, issuer):
        return failed(why)
    issuer.mode = Mode.FAILING
    issuer.rotate()
    # A server that asked a moment ago need not ask again at once, and may call the key unknown until then.
    answer, _ = await until(server, issuer.token, lambda answer: answer.status >= 500)
    issuer.mode = Mode.UP
    return judged(answer.status >= 500, answer.told)


async def _during(mode: Mode, server: Server, issuer: Issuer) -> Answer:
    issuer.mode = mode
    try:
        return await server.exchange(issuer.token())
    finally:
        issuer.mode = Mode.UP


_RETRY = "RFC 9110 s. 10.2.3"
COLD = Family(
    "Issuer down before its keys are known",
    (
        Requirement(
            "cold-hang",
            "A good token is answered within 20 s while the issuer hangs",
            Level.SHOULD,
            UNAVAILABLE,
            answers_in_time,
            inferred=True,
        ),
        Requirement(
            "cold-no-401",
            "A good token that cannot be checked is not called invalid, which would log the user out",
            Level.SHOULD,
            ERRORS,
            no_401,
            inferred=True,
        ),
        Requirement(
            "cold-503", "Such a token is answered 503", Level.SHOULD, UNAVAILABLE, unavailable, inferred=True
        ),
        Requirement("cold-retry-after", "The 503 says when to try again", Level.MAY, _RETRY, retry_after),
        Requirement(
            "cold-metadata",
            "Protected resource metadata is served all the same",
            Level.SHOULD,
            DISCOVERY,
            metadata,
            inferred=True,
        ),
        Requirement(
            "cold-challenge",
            "A request without a token gets its challenge all the same",
            Level.SHOULD,
            ERRORS,
            challenge,
            inferred=True,
        ),
        Requirement(
            "cold-recovery",
            "When the issuer is back, good tokens are served again without a restart",
            Level.SHOULD,
            UNAVAILABLE,
            recovery,
            inferred=True,
        ),
    ),
)
WARM = Family(
    "Issuer down later",
    (
        Requirement(
            "warm-known-key",
            "Tokens of keys that are known are served on",
            Level.SHOULD,
            UNAVAILABLE,
            known_key,
            inferred=True,
        ),
        Requirement(
            "warm-new-key",
            "A token of a key that is newer than the outage is not called invalid, once the outage is known",
            Level.SHOULD,
            ERRORS,
            new_key,
            inferred=True,
        ),
    ),
)
