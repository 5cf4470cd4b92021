"""What must be served: good tokens, in every form that the standards give them."""

from conformance.auth.checks.specs import TOKENS
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Family, Level, Requirement, Result, failed, judged, passed
from conformance.auth.server import Server


async def good_token(server: Server, issuer: Issuer) -> Result:
    answer = await server.exchange(issuer.token())
    return judged(answer.is_served, answer.told)


async def again(server: Server, issuer: Issuer) -> Result:
    token = issuer.token()
    for number in range(1, 11):
        answer = await server.exchange(token)
        if not answer.is_served:
            return failed(f"call {number}: {answer.told}")
    return passed("10 of 10 served")


async def scheme_in_any_case(server: Server, issuer: Issuer) -> Result:
    for scheme in ("bearer", "BEARER"):
        answer = await server.exchange(fields=[("authorization", f"{scheme} {issuer.token()}")])
        if not answer.is_served:
            return failed(f"{scheme}: {answer.told}")
    return passed("served")


async def audience_list(server: Server, issuer: Issuer) -> Result:
    audience = ["https://other.example/mcp", server.target.identifier]
    answer = await server.exchange(issuer.token(aud=audience))
    return judged(answer.is_served, answer.told)


async def access_token_type(server: Server, issuer: Issuer) -> Result:
    answer = await server.exchange(issuer.token({"typ": "at+jwt"}))
    return judged(answer.is_served, answer.told)


async def clock_difference(server: Server, issuer: Issuer) -> Result:
    now = issuer.claims()["iat"]
    answer = await server.exchange(issuer.token(iat=now + 10, nbf=now + 10))
    return judged(answer.is_served, answer.told)


FAMILY = Family(
    "Good tokens",
    (
        Requirement("good-token", "A good token is served", Level.MUST, TOKENS, good_token),
        Requirement(
            "reuse", "A token serves ten calls in a row, none needs the one before it", Level.MUST, TOKENS, again
        ),
        Requirement(
            "scheme-case",
            "The scheme may be written `bearer` or `BEARER`",
            Level.MUST,
            "RFC 9110 s. 11.1",
            scheme_in_any_case,
        ),
        Requirement(
            "audience-list",
            "An `aud` that is a list with this resource in it is accepted",
            Level.MUST,
            "RFC 7519 s. 4.1.3",
            audience_list,
        ),
        Requirement(
            "type-at-jwt",
            "A token with `typ: at+jwt` is accepted",
            Level.SHOULD,
            "RFC 9068 s. 2.1",
            access_token_type,
        ),
        Requirement(
            "clock-difference",
            "An issuer whose clock is 10 s ahead is forgiven",
            Level.MAY,
            "RFC 7519 s. 4.1.5",
            clock_difference,
        ),
    ),
)
