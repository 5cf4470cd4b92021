"""The comparison over HTTP measures the servers that it names: ours answers, and a wrong program is noticed."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.https_issuer import HttpsIssuer, https_issuer
from bench.node_build import NotRun, plugin_source
from bench.node_requests import request, without_token
from bench.node_servers import OVER_HTTP
from bench.served import Answer, free_port, running
from bench.subject import Subject
from tests.blocks import ROOT
from tests.rig import ERAS

OURS = Subject("ours", "this checkout", Path(sys.executable), ROOT, "app.handler", tuple(ERAS))
# It gives its port up once before it answers, as xmcp does.
HESITANT = """
import socket, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

address = "127.0.0.1", int(sys.argv[1])
with socket.create_server(address) as tried:
    tried.accept()[0].close()

class Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

HTTPServer(address, Answering).serve_forever()
"""


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsIssuer]:
    with https_issuer(tmp_path_factory.mktemp("issuer")) as served:
        yield served


def names_alice(answer: Answer) -> bool:
    return bool(answer.message["result"]["structuredContent"]["user_id"] == "user_01ALICE")


def test_ours_answers_over_http_and_fetches_its_keys_once_from_an_issuer_behind_tls(
    issuer: HttpsIssuer, tmp_path: Path
) -> None:
    port, before = free_port(), issuer.jwks_fetches
    variables = {**OURS.variables(issuer.issuer.url), "SSL_CERT_FILE": str(issuer.trusted)}
    with running((*OURS.command, str(OVER_HTTP), str(port)), variables, tmp_path, port) as ours:
        assert without_token(ERAS[0]).first(ours).status == 401
        for era in ERAS:
            asked = request("tools/call", {"name": "whoami", "arguments": {}}, era, issuer.token(), names_alice)
            assert asked.over(ours.connection) > 0
        assert ours.process.cpu_seconds > 0.1
        assert ours.process.peak_megabytes > 20
    assert issuer.jwks_fetches - before == 1


def test_a_request_that_met_a_server_trying_its_port_is_sent_again(tmp_path: Path) -> None:
    port = free_port()
    with running((sys.executable, "-c", HESITANT, str(port)), {}, tmp_path, port) as hesitant:
        assert hesitant.first("/", {}, b"{}").message == {}


def test_a_server_that_ends_by_itself_is_said_to_have_ended(tmp_path: Path) -> None:
    port = free_port()
    with (
        running((sys.executable, "-c", "raise SystemExit(7)"), {}, tmp_path, port) as ended,
        pytest.raises(RuntimeError, match="exit status: 7"),
    ):
        ended.first("/", {}, b"{}")


def test_a_program_that_listens_already_is_not_measured_in_place_of_the_server(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(RuntimeError, match="another program listens"),
        running((sys.executable, "-c", ""), {}, tmp_path, other.getsockname()[1]),
    ):
        pass


def test_a_folder_without_the_plugin_is_refused_with_the_variable_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XMCP_WORKOS", str(tmp_path))
    with pytest.raises(NotRun, match="XMCP_WORKOS"):
        plugin_source()
