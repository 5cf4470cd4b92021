"""`python -m infra.operator.doctor`: what it prints, how it exits, how long it takes, what it keeps to itself."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.operator.doctor import main
from tests.blocks import ROOT
from tests.e2e.stack import running
from tests.infra.operator.minting import Minting
from tests.infra.operator.world import World, world

pytestmark = pytest.mark.broad


@pytest.fixture(scope="module")
def minting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Minting]:
    folder = tmp_path_factory.mktemp("authkit")
    with running(folder) as stack:
        yield Minting(stack, folder)


@pytest.fixture
def healthy() -> Iterator[World]:
    with world() as healthy:
        yield healthy


def test_the_local_stack_is_healthy_but_for_the_renamed_header(
    minting: Minting, capsys: pytest.CaptureFixture[str]
) -> None:
    token = minting.access()
    environment = {
        "URL": minting.stack.mcp_url,
        "TOKEN": token,
        "WORKOS_API_KEY": "sk_test_local",
        "WORKOS_BASE_URL": minting.stack.authkit_url,
    }

    assert main(environment, []) == 0
    printed = capsys.readouterr()
    assert "1 warn, 1 skip, 24 pass: nothing here keeps a client from connecting" in printed.out
    assert "warn    challenge-header" in printed.out
    assert token not in printed.out + printed.err
    assert "sk_test_local" not in printed.out + printed.err


def test_the_command_exits_with_1_and_says_the_same_as_json(minting: Minting) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "URL": minting.stack.mcp_url,
        "TOKEN": minting.id_token(),
    }

    ran = subprocess.run(
        [sys.executable, "-m", "infra.operator.doctor", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    report = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr, report["verdict"]) == (1, "", "fail")
    assert [each["reason"] for each in report["findings"] if each["status"] == "fail"] == ["missing_claim"]
    assert {each["status"] for each in report["findings"]} == {"pass", "warn", "skip", "fail"}


def test_a_dead_host_gives_a_table_in_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()

    assert main({"URL": "http://127.0.0.1:1/mcp", "TOKEN": "eyJ.eyJ.x"}, []) == 1
    assert time.monotonic() - began < 30  # forever, without the bound
    printed = capsys.readouterr().out
    assert "FAIL    answer" in printed
    assert "metadata-path, metadata-root" in printed


def test_a_server_that_never_answers_takes_no_longer_than_patience_allows(healthy: World) -> None:
    for where in list(healthy.server.answers):
        healthy.server.change(where, hangs=True)
    began = time.monotonic()

    healthy.patience = 0.5
    healthy.examine()

    assert time.monotonic() - began < 30  # forever, without the bound


def test_all_but_the_first_answer_may_hang_and_the_report_still_comes(healthy: World) -> None:
    healthy.environment["TOKEN"] = "e.e.e"
    for where in [*healthy.server.answers, "POST /mcp with token"]:
        healthy.server.change(where, hangs=where != "POST /mcp")
    began = time.monotonic()

    healthy.patience = 0.5
    findings = healthy.examine()

    assert time.monotonic() - began < 30  # forever, without the bound
    assert findings["token"].seen == (
        "text that is not a JWT, refused by `not_a_jwt`: not a signed JWT (no complete answer within 0.5 s)"
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "URL is not set"),
        ("mcp.example.com", "must begin with https://"),
        ("mcp.example.com/mcp", "must begin with https://"),
        ("https://user:hunter2@mcp.example.com/mcp", "no user"),
        ("https://mcp.example.com/mcp?token=hunter2", "no user, query"),
        ("https://mcp.example.com:port/mcp", "is not valid"),
        ("https://[/mcp", "is not valid"),
        ("https://mcp example.com/mcp", "must begin with https://"),
    ],
)
def test_a_url_that_no_client_could_use_is_refused_in_a_line(
    url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main({"URL": url}, []) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert "hunter2" not in printed.err


@pytest.mark.parametrize("ending", ["", "/"])
def test_base_url_alone_is_enough(ending: str, healthy: World) -> None:
    healthy.url = f"{healthy.server.url}{ending}"

    assert {each.status for each in healthy.examine().values()} == {"pass", "skip"}


def test_make_runs_it_without_the_token_in_any_command_line(tmp_path: Path) -> None:
    """The recipe names no variable: make hands them over in the environment."""
    recipes = (ROOT / "infra/operator/operator.mk").read_text()

    assert "$(TOKEN)" not in recipes
    assert "$(WORKOS_API_KEY)" not in recipes
    (tmp_path / "Makefile").write_text(
        f"BIN := {tmp_path}\n.venv/dev.stamp: ;\n{recipes}".replace("$(BIN)/python -m", "printenv TOKEN URL #")
    )
    ran = subprocess.run(
        ["make", "--no-print-directory", "doctor", "URL=https://mcp.example.com/mcp", "TOKEN=e.e.e"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["e.e.e", "https://mcp.example.com/mcp"]
