"""Secrets that an operator gives: from the environment, a file, a question or a pipe, and out of command lines."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.operator import doctor, provision, secrets, smoke
from infra.operator.given_secrets import MAX_SECRET_BYTES, SecretNotGiven, read_secrets
from tests.blocks import ROOT
from tests.infra.operator.world import World, world

Printed = pytest.CaptureFixture[str]
HIDDEN = ("TOKEN", "WORKOS_API_KEY", "WORKOS_M2M_CLIENT_SECRET")
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted(ROOT.glob("docs/**/*.md"))]
MAKEFILES = [ROOT / "Makefile", *sorted(ROOT.glob("infra/*/*.mk"))]


@pytest.fixture
def healthy() -> Iterator[World]:
    with world() as healthy:
        yield healthy


def test_a_secret_is_read_from_its_file_without_the_line_break_behind_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("e.e.e\n")

    assert read_secrets({"TOKEN_FILE": str(tmp_path / "token")}, HIDDEN, None)["TOKEN"] == "e.e.e"


def test_a_dash_asks_for_it_and_an_exported_one_is_taken_as_it_is() -> None:
    asked: list[str] = []

    def typing(question: str) -> str:
        asked.append(question)
        return " sk_typed "

    found = read_secrets({"WORKOS_API_KEY": "-", "TOKEN": "e.e.e"}, HIDDEN, typing)

    assert (found["WORKOS_API_KEY"], found["TOKEN"]) == ("sk_typed", "e.e.e")
    assert asked == ["WORKOS_API_KEY (not shown): "]
    assert "WORKOS_M2M_CLIENT_SECRET" not in found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff", "is not text"),
        (b"x" * (MAX_SECRET_BYTES + 1), "is over"),
    ],
)
def test_a_file_that_holds_no_secret_is_named_with_its_variable(
    content: bytes | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SecretNotGiven, match=r"TOKEN_FILE: .*key") as refused:
        read_secrets({"TOKEN_FILE": str(file)}, HIDDEN, None)
    assert said in str(refused.value)


def test_two_ways_at_once_are_refused_without_showing_either() -> None:
    with pytest.raises(SecretNotGiven, match="TOKEN and TOKEN_FILE are both set") as refused:
        read_secrets({"TOKEN": "hunter2", "TOKEN_FILE": "/x"}, HIDDEN, None)
    assert "hunter2" not in str(refused.value)


def test_doctor_takes_both_of_its_secrets_from_files(healthy: World, tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "token").write_text("e.e.e\n")
    (tmp_path / "key").write_text("sk_test_from_file\n")
    files = {"TOKEN_FILE": str(tmp_path / "token"), "WORKOS_API_KEY_FILE": str(tmp_path / "key")}

    doctor.main({"URL": healthy.url, "WORKOS_BASE_URL": healthy.workos.url, **files}, [])

    asked = [each.headers.get("authorization") for each in healthy.workos.received]
    assert "Bearer sk_test_from_file" in asked
    assert "Bearer e.e.e" in [each.headers.get("authorization") for each in healthy.server.received]
    printed = capsys.readouterr()
    assert "sk_test_from_file" not in printed.out + printed.err


def test_provision_asks_a_person_for_the_key_and_a_program_for_the_variable(
    healthy: World, capsys: Printed
) -> None:
    environment = {"URL": healthy.url, "WORKOS_BASE_URL": healthy.workos.url}

    assert provision.main(environment) == 2
    assert "WORKOS_API_KEY_FILE" in capsys.readouterr().err
    provision.main(environment, lambda _: "sk_typed")
    assert "Bearer sk_typed" in [each.headers.get("authorization") for each in healthy.workos.received]


@pytest.mark.matrix
@pytest.mark.parametrize("module", [doctor, smoke, provision, secrets], ids=lambda module: module.__name__)
def test_each_command_reads_a_secret_from_a_pipe_and_shows_none_in_its_arguments(module: object) -> None:
    """What another user of the machine sees of it is the program and its module."""
    name = {"doctor": "TOKEN", "smoke": "TOKEN"}.get(module.__name__.rpartition(".")[2], "WORKOS_API_KEY")  # type: ignore[attr-defined]

    ran = subprocess.run(
        [sys.executable, "-m", module.__name__],  # type: ignore[attr-defined]
        env={**os.environ, "PYTHONPATH": str(ROOT), "URL": "https://x.invalid/mcp", "STAGE": "dev", name: "-"},
        input="",
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 2
    assert re.search(f"{name}=- reads it|no AWS region", ran.stderr)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_document_puts_a_secret_behind_make(page: Path) -> None:
    lines = [line for line in page.read_text().splitlines() if "make " in line]

    for name in HIDDEN:
        wrong = rf"make [a-z][a-z -]*\b[^`|#]*\b{name}=(?!-|`)[^ `]"
        assert not [line for line in lines if re.search(wrong, line)], name


@pytest.mark.parametrize("file", MAKEFILES, ids=lambda file: file.name)
def test_no_recipe_and_no_help_text_has_a_secret_in_it(file: Path) -> None:
    text = file.read_text()

    for name in HIDDEN:
        assert f"$({name})" not in text
        assert not re.search(rf"## .*\b{name}=(?!-)", text), name


@pytest.mark.matrix
@pytest.mark.parametrize("name", [*HIDDEN, "REQUEST_STATE_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("target", ["doctor", "smoke", "provision", "secrets", "token", "dev", "deploy"])
def test_a_secret_in_makes_own_arguments_is_warned_about(name: str, target: str) -> None:
    def warned(*arguments: str, **environment: str) -> str:
        ran = subprocess.run(
            ["make", "-n", target, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "hunter2" not in ran.stdout + ran.stderr
        return ran.stderr

    assert f"{name} is in this command line" in warned(f"{name}=hunter2")
    assert "command line" not in warned(**{name: "hunter2"})
    assert "command line" not in warned(f"{name}=-")


def test_a_teams_own_secret_in_makes_arguments_is_warned_about_too() -> None:
    def warned(target: str) -> str:
        command = ["make", "-n", target, "NAME=STRIPE_KEY", "STRIPE_KEY=hunter2"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stderr

    assert "STRIPE_KEY is in this command line" in warned("secrets")
    assert "command line" not in warned("new-tool")
