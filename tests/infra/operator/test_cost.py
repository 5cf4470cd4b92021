"""`make cost`: what a stage used, times list prices; what is not known is not zero."""

import json
from typing import Any

import pytest

from infra.deploy.deployment import read_deployment
from infra.operator.cost import list_items, main
from infra.operator.stage_aws import StageAws
from infra.operator.usage import MAX_RESTORE_PAGES, Function, Usage, count_restores
from tests.infra.operator.scripted_aws import ENVIRONMENT, SAMCONFIG, ScriptedAws

Printed = pytest.CaptureFixture[str]
NOW = 1_795_615_200.0
OUTPUTS = {
    "ApiId": "api1",
    "FunctionName": "workos-mcp-lambda-dev",
    "LogGroup": "/aws/lambda/workos-mcp-lambda-dev",
    "AccessLogGroup": "/aws/vendedlogs/http-api/workos-mcp-lambda-dev",
}
VALUES = {"requests": 2e6, "invocations": 1.9e6, "milliseconds": 9.5e6, "log0": 1.5e9, "log1": 0.5e9}
FUNCTION = Function(memory_gb=1.0, architecture="arm64", has_snapshot=True, published_versions=2)


def use(
    aws: ScriptedAws,
    values: dict[str, float],
    *restores: dict[str, Any],
    snap_start: str = "None",
    outputs: dict[str, str] = OUTPUTS,
) -> None:
    """What a stage used in the order in which the command asks."""
    stack = {
        "StackName": "s",
        "StackStatus": "UPDATE_COMPLETE",
        "CreationTime": 0,
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }
    aws.answer("cloudformation", "describe_stacks", {"Stacks": [stack]})
    results = [{"Id": name, "Values": [value / 2, value / 2]} for name, value in values.items()]
    aws.answer("cloudwatch", "get_metric_data", {"MetricDataResults": results})
    live = {"MemorySize": 1024, "Architectures": ["arm64"], "SnapStart": {"ApplyOn": snap_start}}
    aws.answer(
        "lambda", "get_function_configuration", live, FunctionName=OUTPUTS["FunctionName"], Qualifier="live"
    )
    versions = [{"Version": name} for name in ("$LATEST", "6", "7")]
    aws.answer("lambda", "list_versions_by_function", {"Versions": versions})
    if snap_start == "PublishedVersions":
        aws.answer("logs", "filter_log_events", {"events": list(restores)})
    aws.answer("cloudwatch", "describe_alarms", {"MetricAlarms": [{"AlarmName": str(n)} for n in range(8)]})
    aws.answer("cloudwatch", "list_metrics", {"Metrics": [{"MetricName": str(n)} for n in range(10)]})
    aws.answer("ssm", "describe_parameters", {"Parameters": [{"Name": "a"}, {"Name": "b"}]})


def ask(aws: ScriptedAws, **variables: str) -> int:
    return main({**ENVIRONMENT, **variables}, SAMCONFIG, make=aws.make, now=NOW)


def words(printed: Printed) -> str:
    return " ".join(printed.readouterr().out.split())


def test_what_was_used_is_counted_and_multiplied(capsys: Printed) -> None:
    aws = ScriptedAws()
    use(aws, VALUES)

    assert ask(aws, DAYS="15") == 0

    aws.assert_all_asked()
    printed = words(capsys)
    assert "HTTP API requests 2,000,000 requests 1 per million 2.0000 4.00 1.05" in printed
    assert "Lambda requests 1,900,000 requests 0.2 per million 0.3800 0.76 0.20" in printed
    # 9,500 s of metric and half a millisecond for each of 1.9 million calls, at 1 GB.
    assert "Lambda duration, arm64 10,450 GB-seconds 0.0000133334 per GB-second 0.1393 0.28 0.07" in printed
    assert "CloudWatch Logs 2 GB 0.5 per GB 1.0000 2.00 0.53" in printed
    assert "CloudWatch alarms 4 alarm-months 0.1 per alarm and month 0.4000 0.80" in printed
    assert "This is not a bill" in printed
    assert "No data" not in printed


def test_restores_and_snapshots_are_counted_where_the_function_has_them(capsys: Printed) -> None:
    aws = ScriptedAws()
    line = {"message": '{"time": "x", "type": "platform.restoreReport"}'}
    use(aws, VALUES, line, line, {"message": "START"}, snap_start="PublishedVersions")

    assert ask(aws, JSON="1") == 0

    document = json.loads(capsys.readouterr().out)
    items = {each["what"]: each for each in document["items"]}
    assert items["SnapStart restores"]["amount"] == 2
    assert items["SnapStart snapshots"]["amount"] == 2 * 30 * 24 * 3600
    assert round(items["SnapStart snapshots"]["dollars"] / 2, 1) == 3.9


def test_no_data_is_not_zero(capsys: Printed) -> None:
    aws = ScriptedAws()
    use(aws, {})

    assert ask(aws) == 0

    printed = words(capsys)
    assert "HTTP API requests no data 1 per million" in printed
    assert (
        "No data, and not in the sum: HTTP API requests, Lambda requests, Lambda duration, arm64, CloudWatch Logs."
        in printed
    )
    assert "Nothing is known per million calls" in printed


def test_a_log_that_is_too_long_leaves_the_restores_unknown() -> None:
    aws = ScriptedAws()
    for number in range(MAX_RESTORE_PAGES):
        aws.answer("logs", "filter_log_events", {"events": [], "nextToken": str(number)})
    stage = StageAws(read_deployment(ENVIRONMENT, SAMCONFIG), aws.make)

    assert count_restores(stage, "group", 0, NOW) is None
    aws.assert_all_asked()


def test_what_is_not_known_has_no_price() -> None:
    usage = Usage(1.0, 1.0, 1.0, 1.0, None, 0, 0, None, FUNCTION)

    items = {each.price.what: each for each in list_items(usage, 30)}

    assert items["SnapStart restores"].dollars is None
    assert items["SSM standard parameters"].dollars is None


def test_a_stage_that_is_not_deployed_is_said(capsys: Printed) -> None:
    aws = ScriptedAws()
    aws.refuse("cloudformation", "describe_stacks", "ValidationError")

    assert ask(aws) == 2
    assert "there is no stack workos-mcp-lambda-dev in eu-central-1" in capsys.readouterr().err


def test_what_aws_refuses_names_the_permission(capsys: Printed) -> None:
    aws = ScriptedAws()
    aws.refuse("cloudformation", "describe_stacks", "AccessDenied")

    assert ask(aws) == 1
    assert "allow cloudformation:DescribeStacks" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["0", "month", "456"])
def test_days_that_cloudwatch_does_not_have_are_refused(days: str, capsys: Printed) -> None:
    assert ask(ScriptedAws(), DAYS=days) == 2
    assert "give a number from 1 to 455" in capsys.readouterr().err
