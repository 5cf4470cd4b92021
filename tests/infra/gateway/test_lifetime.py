import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.infra.gateway.running import PATIENCE, Serve

PID = "import os\ndef handler(event, context):\n    return [os.getpid(), os.getsid(0)]\n"
GATED = "import os\ndef handler(event, context):\n    open('gate').read()\n    return os.getpid()\n"
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


@pytest.mark.parametrize("is_at_work", [False, True], ids=["idle", "at work"])
def test_the_function_dies_with_a_gateway_that_is_killed(tmp_path: Path, is_at_work: bool) -> None:
    (tmp_path / "function.py").write_text(GATED if is_at_work else PID, encoding="utf-8")
    os.mkfifo(tmp_path / "gate")
    command = [sys.executable, "-c", GATEWAY, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as gateway, ExitStack() as stack:
        assert gateway.stdout is not None
        port = int(next(line for line in gateway.stdout if line.strip().isdigit()))
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        connection.sendall(b"GET / HTTP/1.1\r\nhost: gateway\r\n\r\n")
        if is_at_work:
            # Opens once the handler is at work; stays open, so that the handler stays there.
            stack.enter_context((tmp_path / "gate").open("w"))
        else:
            connection.recv(1)
        gateway.kill()

        # The function has inherited stdout: the pipe ends when both processes have.
        gateway.communicate(timeout=PATIENCE)
