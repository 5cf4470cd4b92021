"""Each check passes a server that does everything right, and fails one that breaks its requirement alone."""

import asyncio
from typing import Any

import httpx2
import pytest

from conformance.auth.issuer import Issuer
from conformance.auth.jose import new_key
from conformance.auth.requirement import Requirement, Result, Verdict
from conformance.auth.run import check
from conformance.auth.server import Server
from conformance.auth.table import TABLE
from conformance.auth.target import Bounds, Target
from conformance.auth.toy.application import Toy
from conformance.auth.toy.place import PAGE, RESOURCE, SCOPE, TOOL_SCOPE

KEYS = [new_key(), new_key()]
QUICK = Bounds(at_once=0.5, answer=1.5, leisure=1.5, pause=0.001)
TARGET = Target(
    RESOURCE,
    scopes=(SCOPE,),
    origin=PAGE,
    whoami="whoami",
    scoped_tool="write",
    scoped_tool_scope=TOOL_SCOPE,
    bounds=QUICK,
)


def result(row: Requirement, broken: str) -> Result:
    return asyncio.run(_result(row, broken))


async def _result(row: Requirement, broken: str) -> Result:
    """The row's result for a toy that nobody has spoken to yet. No sockets: ASGI in this process."""
    issuer = Issuer(
        "http://issuer.example", RESOURCE, f"openid {SCOPE}", keys={"key_1": KEYS[0]}, stranger=KEYS[1]
    )

    async def fetch(url: str) -> Any:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=issuer)) as http:
            response = await http.get(url)
            if response.status_code != 200:
                raise OSError
            return response.json()

    toy = Toy(issuer.url, fetch, broken)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=toy)) as http:
        server = Server(TARGET, http)
        if not row.id.startswith("cold-") or row.id == "cold-metadata":
            await server.exchange(issuer.token())
        return await check(row, server, issuer)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_a_server_that_does_everything_right_passes(row: Requirement) -> None:
    assert result(row, broken="").verdict is Verdict.PASS


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_a_server_that_breaks_the_requirement_fails(row: Requirement) -> None:
    assert result(row, broken=row.id).verdict is Verdict.FAIL


def test_no_two_requirements_have_the_same_id() -> None:
    assert len({row.id for row in TABLE}) == len(TABLE)
