"""Run rows against one server, one after the other."""

from collections.abc import AsyncIterator, Iterable

from conformance.auth.issuer import Issuer, Mode
from conformance.auth.requirement import Requirement, Result, failed
from conformance.auth.server import NoAnswer, Server


async def check(row: Requirement, server: Server, issuer: Issuer) -> Result:
    """The row's result; no answer, where one is due, is a failure."""
    try:
        return await row.check(server, issuer)
    except NoAnswer as silence:
        return failed(str(silence))
    finally:
        issuer.mode = Mode.UP


async def run(
    rows: Iterable[Requirement], server: Server, issuer: Issuer
) -> AsyncIterator[tuple[Requirement, Result]]:
    for row in rows:
        yield row, await check(row, server, issuer)
