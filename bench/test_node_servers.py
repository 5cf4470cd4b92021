"""Each Node server of the comparison does the same work: it checks tokens and answers in both eras."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.https_issuer import HttpsIssuer, https_issuer
from bench.node_acceptance import acceptance
from bench.node_build import NotRun, check_installed
from bench.node_requests import call, listing, without_token
from bench.node_servers import Server, servers
from bench.subject import Subject
from tests.blocks import ROOT
from tests.rig import ERAS

# A bundle is built and ten servers start: a busy machine takes its time.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
UNUSED = Subject("ours", "not started here", Path(sys.executable), ROOT, "app.handler", tuple(ERAS))


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsIssuer]:
    with https_issuer(tmp_path_factory.mktemp("issuer")) as served:
        yield served


@pytest.fixture(scope="module")
def compared(issuer: HttpsIssuer, tmp_path_factory: pytest.TempPathFactory) -> list[Server]:
    try:
        check_installed()
    except NotRun as reason:
        pytest.skip(str(reason))
    others = servers(UNUSED, issuer, tmp_path_factory.mktemp("servers"))
    return [server for server in others if server.key != "ours-handler"]


def test_each_answers_calls_and_lists_in_both_eras(compared: list[Server], issuer: HttpsIssuer) -> None:
    for server in compared:
        with server.running() as running:
            without_token(ERAS[0]).first(running)
            for era in ERAS:
                for made in (call, listing):
                    assert made(era, issuer.token(aud=server.audience)).over(running.connection) > 0


def test_each_refuses_what_is_forged_or_expired_or_for_another_server(
    compared: list[Server], issuer: HttpsIssuer
) -> None:
    statuses = {(row.what, row.subject): row.median for row in acceptance(issuer, compared)}
    for server in compared:
        assert statuses["right", server.key] == 200
        for what in ("none", "for another server", "of another issuer", "expired two minutes ago"):
            assert statuses[what, server.key] == 401
        assert statuses["signed with a key that the issuer does not list", server.key] == 401
    assert [server.key for server in compared] == ["xmcp-workos", "xmcp-jwt", "mcp-handler"]
