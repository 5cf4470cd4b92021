"""`make stages`: what of each stage is deployed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.operator.stages import main
from tests.infra.operator.scripted_aws import REGION, ScriptedAws, write_samconfig

Printed = pytest.CaptureFixture[str]
THEN = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
SHELL = {"AWS_REGION": REGION}


def stack(name: str, **outputs: str) -> dict[str, object]:
    return {
        "Stacks": [
            {
                "StackName": name,
                "StackStatus": "UPDATE_COMPLETE",
                "CreationTime": THEN,
                "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
                "Parameters": [{"ParameterKey": "Release", "ParameterValue": "0123456789ab"}],
            }
        ]
    }


def test_each_stage_is_shown_with_version_release_and_url(tmp_path: Path, capsys: Printed) -> None:
    aws = ScriptedAws()
    outputs = {"FunctionName": "f", "McpUrl": "https://dev.example.com/mcp"}
    aws.answer("cloudformation", "describe_stacks", stack("acme-dev", **outputs), StackName="acme-dev")
    weights = {"AdditionalVersionWeights": {"8": 0.1}}
    aws.answer("lambda", "get_alias", {"FunctionVersion": "7", "RoutingConfig": weights})
    aws.refuse("cloudformation", "describe_stacks", "ValidationError")

    assert main(SHELL, write_samconfig(tmp_path, {"dev": "", "prod": ""}), make=aws.make) == 0

    printed = " ".join(capsys.readouterr().out.split())
    assert "dev acme-dev eu-central-1 UPDATE_COMPLETE 7, 10% to 8 0123456789ab 2026-11-25 14:00:00" in printed
    assert "https://dev.example.com/mcp prod acme-prod eu-central-1 not deployed" in printed


def test_a_stage_that_cannot_be_asked_does_not_hide_the_others(tmp_path: Path, capsys: Printed) -> None:
    aws = ScriptedAws()
    aws.refuse("cloudformation", "describe_stacks", "AccessDenied")
    aws.answer("cloudformation", "describe_stacks", stack("acme-prod"))

    assert main({**SHELL, "JSON": "1"}, write_samconfig(tmp_path, {"dev": "", "prod": ""}), make=aws.make) == 1

    printed = capsys.readouterr()
    (shown,) = json.loads(printed.out)
    assert (shown["stage"], shown["live_version"]) == ("prod", "")
    assert "dev: these AWS credentials may not do it: allow cloudformation:DescribeStacks" in printed.err


def test_the_version_of_the_worker_is_shown_beside_that_of_the_function(tmp_path: Path, capsys: Printed) -> None:
    aws = ScriptedAws()
    aws.answer("cloudformation", "describe_stacks", stack("acme-dev", FunctionName="f", WorkerName="f_worker"))
    aws.answer("lambda", "get_alias", {"FunctionVersion": "7"}, FunctionName="f", Name="live")
    variables = {"WORKER_FUNCTION": "arn:aws:lambda:eu-central-1:123456789012:function:f_worker:3"}
    answer = {"Environment": {"Variables": variables}}
    aws.answer("lambda", "get_function_configuration", answer, FunctionName="f", Qualifier="live")

    assert main(SHELL, write_samconfig(tmp_path, {"dev": ""}), make=aws.make) == 0
    assert "UPDATE_COMPLETE 7 3 0123456789ab" in " ".join(capsys.readouterr().out.split())
