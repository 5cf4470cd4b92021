"""What smoke says of the function's secrets, from a Lambda API on loopback that answers as the function does."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.operator.function_secrets import EVENT, check_function_secrets
from infra.operator.smoke import main
from tests.infra.operator.site import Canned, Site
from tests.infra.operator.world import world

PATH = "POST /2015-03-31/functions/mcp-dev/invocations"
API_KEY, STATE_KEY = "/mcp/dev/workos-api-key", "/mcp/dev/request-state-key"
ASKED: Mapping[str, str] = {"FUNCTION": "mcp-dev", "STAGE": "dev", "AWS_REGION": "eu-central-1"}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    with Site() as site:
        monkeypatch.setenv("AWS_ENDPOINT_URL", site.url)
        yield site


def answers(aws: Site, body: Any, **headers: str) -> None:
    # Lambda's API is signed: every request of it has an Authorization header.
    aws.answers[PATH] = Canned(200, body, {name.replace("_", "-"): value for name, value in headers.items()})


def test_the_live_version_is_asked_and_what_it_reads_is_named(aws: Site) -> None:
    answers(aws, {"secrets": {API_KEY: "readable", STATE_KEY: "readable"}})

    finding = check_function_secrets(ASKED)

    where = "mcp-dev in eu-central-1 (from AWS_REGION)"
    assert (finding.status, finding.seen) == ("pass", f"{where} reads {STATE_KEY}, {API_KEY}")
    (request,) = aws.received
    assert request.path.endswith("?Qualifier=live")
    assert request.body.decode() == str(EVENT).replace("'", '"')


@pytest.mark.parametrize(
    ("cause", "fix"),
    [
        ("missing", "make secrets STAGE=dev"),
        ("denied", "AppName and Stage"),
        ("throttled", "in a minute"),
        ("unreachable", "docs/vpc.md"),
        ("malformed", "ROTATE="),
        ("something new", "docs/vpc.md"),
    ],
)
def test_a_secret_that_cannot_be_read_fails_with_its_name_its_reason_and_the_fix(
    cause: str, fix: str, aws: Site
) -> None:
    answers(aws, {"secrets": {API_KEY: cause, STATE_KEY: "readable"}})

    finding = check_function_secrets(ASKED)

    assert (finding.status, finding.seen) == ("fail", f"mcp-dev: {API_KEY} is {cause}")
    assert fix in finding.fix


@pytest.mark.parametrize("body", [{"statusCode": 204, "body": ""}, b"", b"nonsense", [], {"secrets": "yes"}])
def test_a_function_that_does_not_say_fails(body: Any, aws: Site) -> None:
    answers(aws, body)

    finding = check_function_secrets(ASKED)

    assert (finding.status, finding.seen) == ("fail", "mcp-dev does not answer the question")


def test_a_function_that_does_not_start_fails(aws: Site) -> None:
    answers(aws, {"errorMessage": "no", "secrets": {}}, X_Amz_Function_Error="Unhandled")

    assert check_function_secrets(ASKED).status == "fail"


def test_an_operator_who_may_not_ask_is_told_the_permission(aws: Site) -> None:
    aws.answers[PATH] = Canned(403, {"Message": "User: arn:x"}, {"x-amzn-errortype": "AccessDeniedException"})

    finding = check_function_secrets(ASKED)

    assert "AccessDeniedException, region eu-central-1 (from AWS_REGION)" in finding.seen
    assert "lambda:InvokeFunction" in finding.fix


@pytest.mark.parametrize("changes", [{"STAGE": "nowhere"}, {"AWS_REGION": ""}])
@pytest.mark.usefixtures("aws")
def test_a_stage_or_region_that_nobody_named_fails_in_a_line(changes: dict[str, str]) -> None:
    assert check_function_secrets({**ASKED, **changes}).status == "fail"


@pytest.mark.usefixtures("aws")
def test_smoke_fails_with_it_and_says_when_nobody_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with world() as healthy:
        assert main({"URL": healthy.url}) == 0
        assert "secrets: FUNCTION is not set" in " ".join(capsys.readouterr().out.split())
        assert main({"URL": healthy.url, **ASKED}) == 1
        assert "FAIL    secrets" in capsys.readouterr().out
