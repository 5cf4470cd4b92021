"""`make secrets` against an SSM on loopback, through boto3 itself."""

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.runtime.secrets import parse_request_state_keys
from infra.operator.request_state_key import rotate
from infra.operator.secrets import main
from tests.blocks import ROOT
from tests.infra.operator.ssm import Ssm, SsmSite

KEY, STATE = "/workos-mcp-lambda/dev/workos-api-key", "/workos-mcp-lambda/dev/request-state-key"
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ssm]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    with SsmSite() as site:
        monkeypatch.setenv("AWS_ENDPOINT_URL", site.url)
        yield site.ssm


def nobody(_: str) -> str:
    raise AssertionError("nobody should be asked")


def test_both_are_written_as_secure_strings_and_neither_is_shown(ssm: Ssm, capsys: Printed) -> None:
    assert main({"STAGE": "dev", "WORKOS_API_KEY": "sk_live_hidden"}, nobody) == 0

    assert [(each["Name"], each["Type"], each["Overwrite"]) for each in ssm.written] == [
        (STATE, "SecureString", False),
        (KEY, "SecureString", False),
    ]
    assert ssm.values[KEY] == "sk_live_hidden"
    assert len(parse_request_state_keys(ssm.values[STATE])[0]) == 32
    printed = capsys.readouterr()
    assert not [value for value in ssm.values.values() if value in printed.out + printed.err]
    assert "SSM in eu-central-1" in printed.out


def test_a_second_run_changes_nothing_and_asks_nobody(ssm: Ssm, capsys: Printed) -> None:
    main({"STAGE": "dev", "WORKOS_API_KEY": "sk_1"}, nobody)

    assert main({"STAGE": "dev"}, nobody) == 0
    assert len(ssm.written) == 2
    assert "ROTATE=workos-api-key replaces it" in capsys.readouterr().out


def test_the_api_key_is_asked_for_where_it_is_not_in_the_environment(ssm: Ssm) -> None:
    asked: list[str] = []

    def typing(text: str) -> str:
        asked.append(text)
        return "sk_typed"

    assert main({"STAGE": "dev"}, typing) == 0
    assert ssm.values[KEY] == "sk_typed"
    assert KEY in asked[0]


def test_without_a_terminal_nobody_is_asked_and_the_variable_is_named(ssm: Ssm, capsys: Printed) -> None:
    assert main({"STAGE": "dev"}, None) == 1
    assert list(ssm.values) == [STATE]
    assert "set WORKOS_API_KEY" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "API Keys"), ("client_01ABC", "begins with sk_"), ("sk_1 ", "spaces"), ("sk_1\n", "line breaks")],
)
def test_what_is_no_api_key_is_not_written(typed: str, said: str, ssm: Ssm, capsys: Printed) -> None:
    assert main({"STAGE": "dev"}, lambda _: typed) == 1
    assert KEY not in ssm.values
    assert said in " ".join(capsys.readouterr().out.split())


def test_rotation_puts_a_new_key_in_front_and_keeps_the_old_one_behind_it(ssm: Ssm, capsys: Printed) -> None:
    main({"STAGE": "dev", "WORKOS_API_KEY": "sk_1"}, nobody)
    old = ssm.values[STATE]

    assert main({"STAGE": "dev", "ROTATE": "request-state-key"}, nobody) == 0

    new, behind = parse_request_state_keys(ssm.values[STATE])
    assert (new != behind, len(new)) == (True, 32)
    assert ssm.values[STATE].endswith(f",{old}")
    assert ssm.values[KEY] == "sk_1"
    assert ssm.values[STATE] not in capsys.readouterr().out


def test_two_old_keys_at_most_stay_behind_the_new_one() -> None:
    value = base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")
    for _ in range(5):
        before, value = value, rotate(value)

    assert len(parse_request_state_keys(value)) == 3
    assert value.split(",")[1:] == before.split(",")[:2]


def test_rotating_what_is_not_there_makes_it(ssm: Ssm) -> None:
    assert main({"STAGE": "dev", "ROTATE": "request-state-key"}, nobody) == 0
    assert len(parse_request_state_keys(ssm.values[STATE])) == 1


def test_the_api_key_is_replaced_on_request(ssm: Ssm, capsys: Printed) -> None:
    main({"STAGE": "dev", "WORKOS_API_KEY": "sk_1"}, nobody)

    assert main({"STAGE": "dev", "ROTATE": "workos-api-key", "WORKOS_API_KEY": "sk_2"}, nobody) == 0
    assert ssm.values[KEY] == "sk_2"
    assert "within 5 minutes" in capsys.readouterr().out


@pytest.mark.parametrize("arn", ["", "arn:aws:kms:eu-central-1:1:key/k"])
def test_a_kms_key_of_ones_own_seals_them_where_it_is_named(arn: str, ssm: Ssm) -> None:
    assert main({"STAGE": "dev", "WORKOS_API_KEY": "sk_1", "SECRETS_KEY_ARN": arn}, nobody) == 0
    assert {each.get("KeyId", "") for each in ssm.written} == {arn}


def test_each_stage_and_application_has_names_of_its_own(ssm: Ssm) -> None:
    main({"STAGE": "prod", "APP_NAME": "billing", "WORKOS_API_KEY": "sk_1"}, nobody)

    assert set(ssm.values) == {"/billing/prod/workos-api-key", "/billing/prod/request-state-key"}


def test_they_go_where_samconfig_says_that_the_function_looks(ssm: Ssm, tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "samconfig.toml"
    file.write_text(
        '[dev.deploy.parameters]\nstack_name = "s"\ns3_prefix = "s"\nregion = "ap-south-1"\n'
        'parameter_overrides = ["Stage=dev", "AppName=billing"]\n'
    )

    assert main({"STAGE": "dev", "WORKOS_API_KEY": "sk_1", "AWS_REGION": "us-west-2"}, nobody, file) == 0

    assert set(ssm.values) == {"/billing/dev/workos-api-key", "/billing/dev/request-state-key"}
    assert "SSM in ap-south-1 (from samconfig.toml)" in capsys.readouterr().out


def test_a_stage_that_is_not_in_samconfig_gets_no_secrets(ssm: Ssm, capsys: Printed) -> None:
    assert main({"STAGE": "staging", "WORKOS_API_KEY": "sk_1"}, nobody) == 2
    assert ssm.written == []
    assert "[staging.deploy.parameters]" in capsys.readouterr().err


@pytest.mark.parametrize(
    "environment", [{}, {"STAGE": "../x"}, {"STAGE": "dev", "APP_NAME": "a b"}, {"STAGE": "dev", "ROTATE": "all"}]
)
def test_a_name_that_cannot_be_is_refused_before_anything_is_written(
    environment: dict[str, str], ssm: Ssm, capsys: Printed
) -> None:
    assert main({**environment, "WORKOS_API_KEY": "sk_1"}, nobody) == 2
    assert ssm.written == []
    assert re.match(r"STAGE is|APP_NAME is|ROTATE must be", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDeniedException", "allow ssm:GetParameters and ssm:PutParameter"),
        ("UnrecognizedClientException", "does not know these credentials"),
        ("ExpiredTokenException", "aws sso login"),
        ("InternalServerError", "InternalServerError, region eu-central-1"),
    ],
)
@pytest.mark.parametrize("operation", ["GetParameters", "PutParameter"])
def test_what_aws_refuses_is_told_with_its_fix_and_without_the_value(
    operation: str, code: str, said: str, ssm: Ssm, capsys: Printed
) -> None:
    ssm.refuses[operation] = code

    assert main({"STAGE": "dev", "WORKOS_API_KEY": "sk_live_hidden"}, nobody) == 1
    printed = capsys.readouterr()
    assert said in " ".join(printed.out.split())
    assert "sk_live_hidden" not in printed.out + printed.err


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("unset", "changes", "said"),
    [
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], {}, "there are no AWS credentials"),
        (["AWS_DEFAULT_REGION"], {}, "set AWS_REGION"),
        ([], {"AWS_PROFILE": "nobody"}, "AWS_PROFILE names a profile"),
        ([], {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "does not answer: check AWS_REGION"),
    ],
)
@pytest.mark.usefixtures("ssm")
def test_a_shell_that_is_not_ready_for_aws_is_told_what_is_missing(
    unset: list[str], changes: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in unset:
        monkeypatch.delenv(name)
    environment = {**os.environ, **changes, "PYTHONPATH": str(ROOT), "STAGE": "dev", "WORKOS_API_KEY": "sk_hidden"}

    ran = subprocess.run(
        [sys.executable, "-m", "infra.operator.secrets"],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )

    assert ran.returncode in (1, 2)
    assert said in " ".join((ran.stdout + ran.stderr).split())
    assert "Traceback" not in ran.stderr
    assert "sk_hidden" not in ran.stdout + ran.stderr


OWN = "/workos-mcp-lambda/dev/team/STRIPE_KEY"


def test_a_teams_own_secret_is_written_alone_and_not_shown(ssm: Ssm, capsys: Printed) -> None:
    assert main({"STAGE": "dev", "NAME": "STRIPE_KEY", "STRIPE_KEY": "sk_own_hidden"}, nobody) == 0

    (written,) = ssm.written
    assert (written["Name"], written["Type"], written["Overwrite"]) == (OWN, "SecureString", False)
    assert ssm.values == {OWN: "sk_own_hidden"}
    printed = capsys.readouterr()
    assert "sk_own_hidden" not in printed.out + printed.err


@pytest.mark.parametrize("variables", [{"NAME": "STRIPE_KEY", "ROTATE": "STRIPE_KEY"}, {"ROTATE": "STRIPE_KEY"}])
def test_a_teams_own_secret_is_replaced_on_request_alone(
    variables: dict[str, str], ssm: Ssm, capsys: Printed, tmp_path: Path
) -> None:
    main({"STAGE": "dev", "NAME": "STRIPE_KEY"}, lambda _: "sk_1")
    assert main({"STAGE": "dev", "NAME": "STRIPE_KEY", "STRIPE_KEY": "sk_2"}, nobody) == 0
    assert ssm.values == {OWN: "sk_1"}
    assert "ROTATE=STRIPE_KEY replaces it" in capsys.readouterr().out
    file = tmp_path / "key.pem"
    file.write_text("one\ntwo\n")

    assert main({"STAGE": "dev", **variables, "STRIPE_KEY_FILE": str(file)}, nobody) == 0

    assert ssm.values == {OWN: "one\ntwo"}
    assert "within 5 minutes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "said"),
    [(None, "set STRIPE_KEY or STRIPE_KEY_FILE"), (" ", "no value was given"), ("a" * 4097, "more than 4096")],
)
def test_a_value_that_cannot_be_stored_is_not_written(
    typed: str | None, said: str, ssm: Ssm, capsys: Printed
) -> None:
    assert main({"STAGE": "dev", "NAME": "STRIPE_KEY"}, None if typed is None else lambda _: typed) == 1
    assert ssm.written == []
    assert said in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"NAME": "stripe-key"}, "such as NAME=STRIPE_KEY"),
        ({"NAME": "../KEY"}, "such as NAME=STRIPE_KEY"),
        ({"NAME": "WORKOS_API_KEY"}, "make secrets without NAME"),
        ({"NAME": "STRIPE_KEY", "ROTATE": "workos-api-key"}, "ROTATE must be STRIPE_KEY"),
    ],
)
def test_a_name_that_the_function_would_not_read_is_refused(
    variables: dict[str, str], said: str, ssm: Ssm, capsys: Printed
) -> None:
    assert main({"STAGE": "dev", "WORKOS_API_KEY": "sk_1", **variables}, nobody) == 2
    assert ssm.written == []
    assert said in capsys.readouterr().err


def test_aws_refusing_a_teams_own_secret_is_told_without_the_value(ssm: Ssm, capsys: Printed) -> None:
    ssm.refuses["PutParameter"] = "AccessDeniedException"

    assert main({"STAGE": "dev", "NAME": "STRIPE_KEY", "STRIPE_KEY": "sk_own_hidden"}, nobody) == 1
    printed = capsys.readouterr()
    assert "allow ssm:GetParameters and ssm:PutParameter" in " ".join(printed.out.split())
    assert "sk_own_hidden" not in printed.out + printed.err
