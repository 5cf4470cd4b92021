"""The command that serves the fixture catalogue, as another process meets it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from infra.local.token import fetch_token
from tests.rig import MODERN, message

COMMAND = """
import os, pathlib, sys
from conformance.protocol.serve import main
sys.exit(main(os.environ, pathlib.Path(sys.argv[1])))
"""
LAST_LINE = "A token "


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[str]
    port: int
    authkit_port: int
    said: str

    def post(self, **headers: str) -> httpx2.Response:
        sent, body = message("tools/list", version=MODERN)
        with httpx2.Client(trust_env=False, timeout=120) as client:
            return client.post(f"http://127.0.0.1:{self.port}/mcp", json=body, headers={**sent, **headers})

    @property
    def bearer(self) -> str:
        return f"Bearer {fetch_token({'AUTHKIT_PORT': str(self.authkit_port)})}"


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def launch(state: Path, port: object, authkit_port: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(state)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PORT": str(port), "AUTHKIT_PORT": str(authkit_port)},
        start_new_session=True,
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    port, authkit_port = free_ports()
    with launch(tmp_path, port, authkit_port) as process:
        try:
            said = ""
            while LAST_LINE not in said:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line, said
                said += line
            yield Served(process, port, authkit_port, said)
        finally:
            process.kill()


def test_it_prints_where_it_is_takes_a_token_and_one_origin_and_ends_as_a_whole(served: Served) -> None:
    assert f"http://127.0.0.1:{served.port}/mcp\n" in served.said
    assert served.post().status_code == 401
    assert served.post(authorization=served.bearer, origin="http://evil.example.com").status_code == 403

    answer = served.post(authorization=served.bearer, origin=f"http://localhost:{served.port}")
    assert "test_simple_text" in [tool["name"] for tool in answer.json()["result"]["tools"]]

    served.process.send_signal(signal.SIGTERM)
    rest, _ = served.process.communicate(timeout=120)
    assert (served.process.returncode, "Traceback" in rest) == (0, False)
    with pytest.raises(httpx2.ConnectError):
        served.post()


def test_a_port_that_is_taken_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        output, _ = launch(tmp_path, port, free_ports()[0]).communicate(timeout=120)

    assert output == f"port {port} on 127.0.0.1 is in use; set PORT= and AUTHKIT_PORT= to others\n"
