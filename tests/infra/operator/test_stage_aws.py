"""What an operator reads if AWS does not answer, or if the shell is not ready for it."""

from typing import Any

import pytest
from botocore.exceptions import (
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)

from infra.deploy.deployment import InvalidDeployment, read_deployment
from infra.operator.stage_aws import AwsRefused, StageAws
from tests.infra.operator.scripted_aws import ENVIRONMENT, REGION, SAMCONFIG, ScriptedAws, write_samconfig

DEPLOYMENT = read_deployment(ENVIRONMENT, SAMCONFIG)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "there are no AWS credentials: run aws configure"),
        (ProfileNotFound(profile="nobody"), "AWS_PROFILE names a profile that does not exist"),
        (UnauthorizedSSOTokenError(), "the login of the AWS profile has ended: run aws sso login"),
        (EndpointConnectionError(endpoint_url="x"), f"logs in {REGION} does not answer: check AWS_REGION"),
        (ValueError("Invalid endpoint: secret"), f"AWS refuses (ValueError, region {REGION})"),
    ],
)
def test_a_shell_that_is_not_ready_for_aws_is_told_what_is_missing(error: Exception, said: str) -> None:
    def make(service: str, region: str) -> Any:
        raise error

    with pytest.raises(AwsRefused) as refused:
        StageAws(DEPLOYMENT, make).ask("logs", "filter_log_events", logGroupName="x")

    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("InvalidClientTokenId", "AWS does not know these credentials"),
        ("SignatureDoesNotMatch", "the secret access key is wrong"),
        ("ExpiredToken", "have expired"),
        ("Throttling", "try again in a minute"),
        ("AuthorizationError", "allow sns:ListTopics"),
        ("InternalFailure", f"AWS refuses (InternalFailure, region {REGION})"),
    ],
)
def test_what_aws_refuses_is_a_sentence_with_the_fix(code: str, said: str) -> None:
    aws = ScriptedAws()
    aws.refuse("sns", "list_topics", code)

    with pytest.raises(AwsRefused) as refused:
        list(StageAws(DEPLOYMENT, aws.make).pages("sns", "list_topics"))

    assert said in str(refused.value)
    assert "arn:aws:iam" not in str(refused.value)


def test_without_a_region_nothing_is_asked(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    deployment = read_deployment({"STAGE": "dev"}, write_samconfig(tmp_path, {"dev": ""}))

    with pytest.raises(InvalidDeployment, match="no AWS region"):
        StageAws(deployment)
