"""This server meets every requirement but those that it sets aside, through real HTTP and in its own process."""

import asyncio
from collections.abc import Iterator

import pytest

from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Requirement, Result, Verdict
from conformance.auth.run import check
from conformance.auth.server import connected
from conformance.auth.subjects.ours import SET_ASIDE, SUBJECT, serve
from conformance.auth.subjects.subject import introduce, served_issuer
from conformance.auth.table import TABLE
from conformance.auth.target import Target

# A key that is newer than the server's copy is looked for after 30 s.
pytestmark = [pytest.mark.conformance, pytest.mark.timeout(180)]
Parties = tuple[Target, Issuer]


@pytest.fixture(scope="module")
def parties() -> Iterator[Parties]:
    with served_issuer() as issuer, SUBJECT.serve(issuer) as target:
        introduce(issuer, target)
        yield target, issuer


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_this_server_meets(row: Requirement, parties: Parties) -> None:
    target, issuer = parties

    async def result() -> Result:
        async with connected(target) as server:
            return await check(row, server, issuer)

    found = asyncio.run(result())

    assert found.verdict is (Verdict.FAIL if row.id in SET_ASIDE else Verdict.PASS), found.seen


def test_what_is_set_aside_is_met_once_a_setting_says_so() -> None:
    (row,) = [row for row in TABLE if row.id in SET_ASIDE]

    async def result() -> Result:
        with served_issuer() as issuer, serve(issuer, {"ADVERTISE_OFFLINE_ACCESS": "false"}) as target:
            introduce(issuer, target)
            async with connected(target) as server:
                return await check(row, server, issuer)

    assert asyncio.run(result()).verdict is Verdict.PASS
