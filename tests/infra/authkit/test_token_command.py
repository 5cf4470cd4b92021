"""`make -s token`, as a shell sees it."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.local.token import main
from tests.infra.authkit.rig import GRACE, RESOURCE, AuthKit, claims_of

ROOT = Path(__file__).parents[3]


def environ(authkit: AuthKit, **settings: str) -> dict[str, str]:
    return {"AUTHKIT_PORT": str(urlsplit(authkit.issuer).port), "USER": "the-login-name", **settings}


def test_the_command_prints_a_token_and_nothing_else(authkit: AuthKit) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "infra.local.token"],
        env=environ(authkit),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    token, end, rest = ran.stdout.partition("\n")
    assert (end, rest, ran.stderr) == ("\n", "", "")
    claims = claims_of(token)
    assert (claims["sub"], claims["aud"]) == ("user_01LOCALADALOVELACE0000000", RESOURCE)
    assert claims["org_id"] == "org_01LOCALANALYTICALENGINES00"


def test_the_environment_says_whose_token_it_is(authkit: AuthKit, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"USER_EMAIL": GRACE, "ORG": "Compiler Works", "LIFETIME": "-5", "SCOPE": "openid"}
    assert main(environ(authkit, **settings)) == 0
    claims = claims_of(capsys.readouterr().out.strip())
    assert claims["sub"] == "user_01LOCALGRACEHOPPER0000000"
    assert (claims["org_id"], claims["scope"]) == ("org_01LOCALCOMPILERWORKS000000", "openid")
    assert claims["exp"] - claims["iat"] == -5


@pytest.mark.parametrize("word", ["1", "true", "YES"])
def test_machine_1_gives_a_machine_token(authkit: AuthKit, capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert main(environ(authkit, MACHINE=word)) == 0
    assert claims_of(capsys.readouterr().out.strip())["sub"] == "client_01LOCALMACHINE00000000000"


def test_machine_may_be_the_name_of_one(authkit: AuthKit, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(environ(authkit, MACHINE="Audit Export")) == 0
    assert claims_of(capsys.readouterr().out.strip())["org_id"] == "org_01LOCALCOMPILERWORKS000000"


def test_an_api_key_of_the_seed_file_needs_no_running_stack(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"API_KEY": "CI"}) == main({"API_KEY": "api_key_01LOCALCI0000000000000000"}) == 0
    assert capsys.readouterr().out == 2 * "sk_local_analytical_engines_ci\n"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"API_KEY": "1"}, "the seed file has no API key of this name or id; it has: CI, Status page, "),
        ({"API_KEY": "\udcff"}, "API_KEY is not UTF-8 text"),
        ({"API_KEY": "CI", "USER_EMAIL": GRACE}, "API_KEY and USER_EMAIL exclude each other"),
        ({"API_KEY": "CI", "MACHINE": "1"}, "API_KEY and MACHINE exclude each other"),
        ({"API_KEY": "CI", "LIFETIME": "5"}, "API_KEY and LIFETIME exclude each other"),
    ],
)
def test_an_api_key_that_cannot_be_printed_says_why(
    settings: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(settings) == 1
    assert capsys.readouterr().err.startswith(f"token: {said}")


def test_web_session_1_gives_the_token_of_a_web_application(
    authkit: AuthKit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(environ(authkit, WEB_SESSION="1", USER_EMAIL=GRACE)) == 0
    claims = claims_of(capsys.readouterr().out.strip())
    assert (claims["sub"], claims["sid"][:8]) == ("user_01LOCALGRACEHOPPER0000000", "session_")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"WEB_SESSION": "maybe"}, "WEB_SESSION must be 1 or 0"),
        ({"WEB_SESSION": "1", "MACHINE": "1"}, "WEB_SESSION and MACHINE exclude each other"),
        ({"WEB_SESSION": "1", "SCOPE": "openid"}, "WEB_SESSION and SCOPE exclude each other"),
    ],
)
def test_a_web_session_that_cannot_be_is_refused(
    authkit: AuthKit, settings: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(environ(authkit, **settings)) == 1
    assert said in capsys.readouterr().err


def test_impersonator_is_the_actor(authkit: AuthKit, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(environ(authkit, IMPERSONATOR="admin@example.com")) == 0
    assert claims_of(capsys.readouterr().out.strip())["act"] == {"sub": "admin@example.com"}


@pytest.mark.parametrize("word", ["0", "False", "no", ""])
def test_machine_0_gives_a_users_token(authkit: AuthKit, capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert main(environ(authkit, MACHINE=word, USER_EMAIL=GRACE)) == 0
    assert claims_of(capsys.readouterr().out.strip())["sub"] == "user_01LOCALGRACEHOPPER0000000"


def test_where_nothing_runs_the_command_says_what_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as bound:
        # Bound and not listening: nobody answers there.
        bound.bind(("127.0.0.1", 0))
        assert main({"AUTHKIT_PORT": str(bound.getsockname()[1])}) == 1
    assert "run `make dev` first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"USER_EMAIL": "mallory@example.com"}, "No such user"),
        ({"LIFETIME": "long"}, "LIFETIME must be a whole number"),
        ({"AUTHKIT_PORT": "x"}, "AUTHKIT_PORT is 'x', not a port from 1024 to 65535"),
        ({"AUTHKIT_PORT": "99999"}, "not a port from 1024 to 65535"),
        ({"MACHINE": "2"}, "No such machine application; seeded are: Nightly Import, Audit Export"),
        ({"MACHINE": "caf\udce9"}, "MACHINE is not UTF-8 text"),
        ({"MACHINE": "1", "IMPERSONATOR": "a@example.com"}, "MACHINE and IMPERSONATOR exclude each other"),
        ({"MACHINE": "1", "USER_EMAIL": GRACE}, "MACHINE and USER_EMAIL exclude each other"),
        ({"MACHINE": "yes", "ORG": "Compiler Works"}, "MACHINE and ORG exclude each other"),
        ({"ORG": "Nowhere"}, "ada@example.com is in no such organization; theirs: Analytical Engines"),
        ({"SCOPE": "caf\udce9"}, "SCOPE is not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_one_line_on_stderr(
    authkit: AuthKit, settings: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(environ(authkit, **settings)) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
