"""`make alarms`: which alarms are on, what to do, and who is told."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.operator.alarms import main
from tests.infra.operator.scripted_aws import ENVIRONMENT, REGION, SAMCONFIG, ScriptedAws

Printed = pytest.CaptureFixture[str]
THEN = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
TOPIC = f"arn:aws:sns:{REGION}:123456789012:workos-mcp-lambda-dev-alarms"
LINE = f'make deploy STAGE=dev PARAMETERS="AlarmTopicArn={TOPIC}"'


@pytest.fixture
def aws() -> ScriptedAws:
    return ScriptedAws()


def alarm(name: str = "5xx", state: str = "OK", **fields: Any) -> dict[str, Any]:
    return {
        "AlarmName": f"workos-mcp-lambda/dev/{name}",
        "AlarmDescription": "Look for level ERROR in the function's log.",
        "StateValue": state,
        "StateUpdatedTimestamp": THEN,
        "MetricName": "5xx",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 2,
        "Threshold": 3.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [],
        **fields,
    }


def put(aws: ScriptedAws, *alarms: dict[str, Any], topics: tuple[str, ...] = ()) -> None:
    """The alarms, and all topics of the region for the one question about them, if there is one."""
    aws.answer(
        "cloudwatch",
        "describe_alarms",
        {"MetricAlarms": list(alarms)},
        AlarmNamePrefix="workos-mcp-lambda/dev/",
        AlarmTypes=["MetricAlarm"],
    )
    if not any(each["AlarmActions"] for each in alarms):
        list_topics(aws, *topics)


def list_topics(aws: ScriptedAws, *arns: str) -> None:
    aws.answer("sns", "list_topics", {"Topics": [{"TopicArn": arn} for arn in arns]})


def subscribed(aws: ScriptedAws, *people: str, arn: str = "arn:aws:sns:x:1:t:1") -> None:
    rows = [{"Protocol": "email", "Endpoint": each, "SubscriptionArn": arn} for each in people]
    aws.answer("sns", "list_subscriptions_by_topic", {"Subscriptions": rows}, TopicArn=TOPIC)


def ask(aws: ScriptedAws, **variables: str) -> int:
    return main({**ENVIRONMENT, **variables}, SAMCONFIG, make=aws.make)


def words(printed: Printed) -> str:
    return " ".join(printed.readouterr().out.split())


def test_an_alarm_that_is_on_is_shown_with_what_it_saw_and_what_to_do(aws: ScriptedAws, capsys: Printed) -> None:
    data = json.dumps({"version": "1.0", "recentDatapoints": [7.0, 4.0], "threshold": 3.0})
    put(aws, alarm(state="ALARM", StateReasonData=data, AlarmActions=[TOPIC]))
    subscribed(aws, "ops@example.com")

    assert ask(aws) == 1

    printed = words(capsys)
    assert "FAIL 5xx ALARM since 2026-11-25 14:00:00: it saw 7, 4; the sum of 5xx in 60 s is 3 or more" in printed
    assert "in 2 of 5 periods fix: Look for level ERROR" in printed
    assert f"ops@example.com, by {TOPIC}" in printed


def test_alarms_that_are_off_or_without_data_say_when_they_go_off(aws: ScriptedAws, capsys: Printed) -> None:
    slow = {"ExtendedStatistic": "p95", "Statistic": None, "MetricName": "Duration", "Period": 300}
    rule = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 5000.0, "EvaluationPeriods": 1}
    row = {name: value for name, value in alarm("duration", "INSUFFICIENT_DATA", **slow, **rule).items() if value}
    put(aws, alarm(), {**row, "AlarmActions": []})

    assert ask(aws) == 0

    printed = words(capsys)
    assert "pass 5xx ok since 2026-11-25 14:00:00: the sum of 5xx in 60 s is 3 or more" in printed
    assert "warn duration no data since" in printed
    assert "p95 of Duration in 300 s is over 5000" in printed
    assert "nobody: the alarms write to no topic" in printed
    assert "EMAIL=ops@example.com says how" in printed


def test_a_stage_without_alarms_is_said(aws: ScriptedAws, capsys: Printed) -> None:
    put(aws)

    assert ask(aws) == 0
    assert "the stage has none here: make stages shows what is deployed" in words(capsys)


def test_a_person_who_did_not_confirm_is_told_of_nothing(aws: ScriptedAws, capsys: Printed) -> None:
    put(aws, alarm(AlarmActions=[TOPIC]))
    subscribed(aws, "ops@example.com", arn="PendingConfirmation")

    assert ask(aws) == 0
    printed = words(capsys)
    assert "has no confirmed subscription (ops@example.com, not confirmed yet)" in printed
    assert "open the link of the confirmation mail" in printed


def test_a_dry_run_makes_no_topic(aws: ScriptedAws, capsys: Printed) -> None:
    put(aws, alarm())
    list_topics(aws)

    assert ask(aws, EMAIL="ops@example.com") == 0

    aws.assert_all_asked()
    printed = words(capsys)
    assert "CHANGE topic would make workos-mcp-lambda-dev-alarms" in printed
    assert "would send ops@example.com a mail" in printed
    assert "Nothing was changed. The same command with APPLY=1 does it." in printed


def test_the_topic_is_made_with_a_subscription_and_the_line_for_the_deployment_is_printed(
    aws: ScriptedAws, capsys: Printed
) -> None:
    put(aws, alarm())
    aws.answer("sns", "create_topic", {"TopicArn": TOPIC}, Name="workos-mcp-lambda-dev-alarms")
    subscribed(aws)
    subscription = {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "ops@example.com"}
    aws.answer("sns", "subscribe", {"SubscriptionArn": "pending confirmation"}, **subscription)
    list_topics(aws, "arn:aws:sns:x:1:other", TOPIC)
    subscribed(aws, "ops@example.com", arn="PendingConfirmation")

    assert ask(aws, EMAIL="ops@example.com", APPLY="1") == 0

    aws.assert_all_asked()
    printed = capsys.readouterr().out
    assert f"\n{LINE}\n" in printed
    assert "CHANGE  topic" in printed
    assert "alarms after opening the link in it" in " ".join(printed.split())


def test_what_exists_already_stays_as_it_is(aws: ScriptedAws, capsys: Printed) -> None:
    put(aws, alarm(AlarmActions=[TOPIC]))
    subscribed(aws, "ops@example.com")
    subscribed(aws, "ops@example.com")

    assert ask(aws, EMAIL="ops@example.com", APPLY="1") == 0

    printed = words(capsys)
    assert f"{TOPIC} exists already" in printed
    assert "ops@example.com is there already" in printed
    assert "CHANGE" not in printed
    assert "make deploy" not in printed


def test_a_topic_to_which_no_alarm_writes_is_shown_with_the_line(aws: ScriptedAws, capsys: Printed) -> None:
    put(aws, alarm(), topics=(TOPIC,))
    subscribed(aws, "ops@example.com")

    assert ask(aws) == 0
    printed = capsys.readouterr().out
    assert "nobody yet: no alarm writes to" in printed
    assert printed.endswith(f"{LINE}\n")


def test_a_program_reads_the_same(aws: ScriptedAws, capsys: Printed) -> None:
    put(aws, alarm(AlarmActions=[TOPIC]))
    subscribed(aws, "ops@example.com")

    assert ask(aws, JSON="1") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["alarms"][0]["state"] == "OK"
    assert document["topics"][0]["subscriptions"][0]["endpoint"] == "ops@example.com"


@pytest.mark.parametrize("email", ["ops", "a@b@example.com", "a@example.com,b@example.com", "x y@example.com"])
def test_what_is_not_one_address_is_refused(email: str, aws: ScriptedAws, capsys: Printed) -> None:
    put(aws, alarm())

    assert ask(aws, EMAIL=email, APPLY="1") == 2
    assert "give one mail address" in capsys.readouterr().err


def test_what_aws_refuses_names_the_permission(aws: ScriptedAws, capsys: Printed) -> None:
    aws.refuse("cloudwatch", "describe_alarms", "AccessDenied")

    assert ask(aws) == 1
    assert "allow cloudwatch:DescribeAlarms" in capsys.readouterr().err
