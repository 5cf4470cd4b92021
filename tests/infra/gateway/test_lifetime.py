import os
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

from tests.infra.gateway.running import PATIENCE, Serve

pytestmark = pytest.mark.broad

PID = "import os\ndef handler(event, context):\n    return [os.getpid(), os.getsid(0)]\n"
GATED = "import os\ndef handler(event, context):\n    open('gate').read()\n    return os.getpid()\n"
# Starts a program that holds the pipe open for as long as it lives.
WITH_CHILD = """
import os, subprocess
def handler(event, context):
    subprocess.Popen(["sleep", "1000"], stdout=open("held", "w"))
    return os._exit(3) if "body" in event else open("gate").read()
"""
# A gateway in a process of its own; it prints the port and goes on until it is killed.
GATEWAY = """
import sys, threading
from pathlib import Path
from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
with LoopbackServer(create_gateway({}, handler="function", python_path=Path(sys.argv[1]))) as server:
    print(server.port, flush=True)
    threading.Event().wait()
"""


def test_the_function_has_a_session_of_its_own_so_that_ctrl_c_passes_it_by(serve: Serve) -> None:
    process, session = serve(PID).client.get("/").json()

    assert process == session


def test_stopping_the_server_ends_the_function_and_leaves_no_zombie(serve: Serve) -> None:
    running = serve(PID)
    process, _ = running.client.get("/").json()

    running.server.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_closing_the_gateway_answers_a_running_invocation_with_503_at_once(serve: Serve) -> None:
    running = serve(GATED)
    os.mkfifo(running.folder / "gate")
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(running.client.get, "/") for _ in range(2)]
        with (running.folder / "gate").open("w"):
            running.gateway.close()

    assert [answer.result().status_code for answer in answers] == [503, 503]
    running.server.stop()


def test_a_function_that_dies_between_two_requests_is_started_again(serve: Serve) -> None:
    running = serve(PID)
    process, _ = running.client.get("/").json()

    os.kill(process, signal.SIGKILL)
    running.terminal.wait_for("GET")

    # The kernel may deliver the end after the next request: that one may fail, no later one.
    running.client.get("/")
    assert running.client.get("/").json()[0] != process


def test_what_a_tool_started_ends_with_a_function_that_crashed(serve: Serve) -> None:
    running = serve(WITH_CHILD)
    os.mkfifo(running.folder / "held")

    with ThreadPoolExecutor(1) as pool:
        crashed = pool.submit(running.client.post, "/", content=b"x")
        with (running.folder / "held").open() as held:
            assert crashed.result().status_code == 500
            assert ended(held)


@pytest.mark.parametrize("is_at_work", [False, True], ids=["idle", "at work"])
def test_the_function_dies_with_a_gateway_that_is_killed(tmp_path: Path, is_at_work: bool) -> None:
    lives_as_long = "held = open('held', 'w')\n"
    (tmp_path / "function.py").write_text(lives_as_long + (GATED if is_at_work else PID), encoding="utf-8")
    for name in ("gate", "held"):
        os.mkfifo(tmp_path / name)
    with ExitStack() as stack:
        gateway, port, held = killable_gateway(tmp_path, stack)
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        connection.sendall(b"GET / HTTP/1.1\r\nhost: gateway\r\n\r\n")
        if is_at_work:
            # Opens once the handler is at work; stays open, so that the handler stays there.
            stack.enter_context((tmp_path / "gate").open("w"))
        else:
            connection.recv(1)
        gateway.kill()

        assert ended(held)


def test_what_a_tool_started_dies_with_a_gateway_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "function.py").write_text(WITH_CHILD, encoding="utf-8")
    for name in ("gate", "held"):
        os.mkfifo(tmp_path / name)
    with ExitStack() as stack:
        gateway, port, held = killable_gateway(tmp_path, stack)
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        connection.sendall(b"GET / HTTP/1.1\r\nhost: gateway\r\n\r\n")
        stack.enter_context((tmp_path / "gate").open("w"))
        gateway.kill()

        assert ended(held)


def killable_gateway(folder: Path, stack: ExitStack) -> tuple[subprocess.Popen[str], int, IO[bytes]]:
    """A gateway process, its port, and the reading end of a pipe that what it runs holds open."""
    command = [sys.executable, "-c", GATEWAY, str(folder)]
    gateway = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    stack.callback(gateway.kill)
    assert gateway.stdout is not None
    port = int(next(line for line in gateway.stdout if line.strip().isdigit()))
    # Not blocking: the writer comes with the first request.
    reading = os.open(folder / "held", os.O_RDONLY | os.O_NONBLOCK)
    return gateway, port, stack.enter_context(os.fdopen(reading, "rb"))


def ended(held: IO[bytes] | IO[str]) -> bool:
    """Whether all writers of the pipe are gone, at the latest in a while."""
    poll = select.poll()
    poll.register(held, select.POLLHUP)
    return bool(poll.poll(PATIENCE * 1000))
