"""The README's commands, run as written in a copy of the project."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.blocks import ROOT, blocks
from tests.e2e.clients import INSPECTOR, NODE, free_port, versions

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Copy:
    """A copy of the tracked files whose `make dev` runs on free ports."""

    folder: Path
    environment: dict[str, str]
    port: str

    def run(self, command: str) -> str:
        local = command.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        pinned = versions()["@modelcontextprotocol/inspector"]
        local = local.replace(f"npx @modelcontextprotocol/inspector@{pinned}", f"{NODE} {INSPECTOR}")
        done = subprocess.run(
            ["bash", "-c", local],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    folder = tmp_path_factory.mktemp("copy")
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in tracked.stdout.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)  # with its time: make must find the environment up to date
    (folder / ".venv").symlink_to(ROOT / ".venv")
    port, authkit_port = str(free_port()), str(free_port())
    environment = {**os.environ, "PORT": port, "AUTHKIT_PORT": authkit_port}
    with subprocess.Popen(
        ["make", "dev"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as dev:
        assert dev.stdout is not None
        assert any("Ctrl-C" in line for line in dev.stdout), "make dev ended before its page"
        yield Copy(folder, environment, port)
        os.killpg(dev.pid, signal.SIGINT)
        dev.communicate(timeout=120)


def test_the_commands_that_need_a_running_server(copy: Copy) -> None:
    call, listing = blocks("sh")[2].splitlines()

    assert '"email":' not in copy.run(call)
    assert '"user_id":"user_01LOCALADALOVELACE0000000"' in copy.run(call)
    assert '"whoami"' in copy.run(listing)


def test_a_new_tool_is_served_once_its_file_is_there(copy: Copy) -> None:
    assert "app/tools/hello.py" in copy.run("make new-tool NAME=hello")
    listing = blocks("sh")[2].splitlines()[1]

    for _ in range(50):  # each round is a real request; the reload follows the file within a moment
        if '"hello"' in (listed := copy.run(listing)):
            break

    assert '"hello"' in listed


def test_a_setting_leaves_the_examples_out(copy: Copy) -> None:
    call = blocks("sh")[2].splitlines()[0]
    listing = call.replace('"tools/call","params":{"name":"whoami"}', '"tools/list","params":{}')
    assert '"add_working_days"' in copy.run(listing)

    (copy.folder / ".env").write_text("SERVE_EXAMPLES=false\n")

    for _ in range(100):  # the function is started again within a moment
        if '"add_working_days"' not in (listed := copy.run(listing)):
            break
    assert '"whoami"' in listed
    assert '"add_working_days"' not in listed


def test_the_token_command_prints_a_token_and_nothing_else(copy: Copy) -> None:
    assert copy.run("make -s token").count("\n") == 1
    assert copy.run("USER_EMAIL=grace@example.com ORG='Compiler Works' LIFETIME=-60 make -s token").count(".") == 2
    assert copy.run("MACHINE=1 make -s token").startswith("eyJ")
