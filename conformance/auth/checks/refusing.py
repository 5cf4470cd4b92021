"""Checks of one shape: none of these tokens is accepted, each is answered 401."""

from collections.abc import Callable
from typing import Any

from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Check, Result, failed, passed
from conformance.auth.server import Server

Make = Callable[[Issuer], str]


def claiming(**changes: Any) -> Make:
    return lambda issuer: issuer.token(**changes)


def by_stranger(**header: Any) -> Make:
    """Signed by a key that the issuer never listed, under a header that speaks for it."""
    return lambda issuer: issuer.sign(issuer.claims(), header, issuer.stranger)


def refuses(**tokens: Make) -> Check:
    """A check that sends each token; the names say in the result which one was accepted.

    A good token goes first: a server that refuses everything passes nothing.
    """

    async def check(server: Server, issuer: Issuer) -> Result:
        if why := await lacks_control(server, issuer):
            return failed(why)
        for name, make in tokens.items():
            answer = await server.exchange(make(issuer))
            if answer.status != 401:
                return failed(f"{name.replace('_', ' ')}: {answer.told}")
        return passed("401")

    return check


async def lacks_control(server: Server, issuer: Issuer) -> str:
    """Why a refusal would prove nothing; an empty string if a good token is served."""
    answer = await server.exchange(issuer.token())
    return "" if answer.is_served else f"a good token is not served either: {answer.told}"
