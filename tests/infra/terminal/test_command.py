"""How a command ends when it is told to."""

import signal
import subprocess
import sys

import pytest

from tests.blocks import ROOT

WAITING = """
import asyncio, signal, sys
from infra.terminal.command import run_command

async def wait_in_loop() -> None:
    print("waiting", flush=True)
    await asyncio.sleep(50)

def wait() -> int:
    if sys.argv[1] == "asyncio":
        asyncio.run(wait_in_loop())
    else:
        print("waiting", flush=True)
        signal.pause()
    return 0

sys.exit(run_command(wait))
"""


@pytest.mark.parametrize("how", ["plain", "asyncio"])
@pytest.mark.parametrize("on_ctrl_c", [signal.SIG_DFL, signal.SIG_IGN], ids=["terminal", "background"])
def test_kill_ends_a_command_as_ctrl_c_does_even_where_ctrl_c_is_ignored(
    on_ctrl_c: signal.Handlers, how: str
) -> None:
    # A shell starts `command &` in a script with SIGINT ignored, and programs inherit that.
    trap = "" if on_ctrl_c is signal.SIG_DFL else "trap '' INT; "
    command = ["sh", "-c", f'{trap}exec "$@"', "sh", sys.executable, "-c", WAITING, how]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "waiting\n"
            process.terminate()
            _, err = process.communicate(timeout=20)
        finally:
            process.kill()

    assert (process.returncode, err) == (130, "\nStopped.\n")
