"""`make alarms`: every alarm of a stage with its state, since when and what to do, and who is told of alarms.

Environment: STAGE, EMAIL (an address to tell; shows what it would do, APPLY=1 does it), JSON=1, and what boto3
reads (AWS_PROFILE, AWS_ENDPOINT_URL).
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.deploy.deployment import SAMCONFIG, InvalidDeployment, read_deployment
from infra.operator.alarm import Alarm
from infra.operator.alarm_topic import InvalidAddress, Topic, find_topic, read_topic, tell, topic_name
from infra.operator.finding import Finding, Status, exit_status, failed, passed, skipped, warned
from infra.operator.report import printable, summarize, table
from infra.operator.stage_aws import AwsRefused, MakeClient, StageAws, make_client

Environment = Mapping[str, str]
WHO = "who is told"


def read_alarms(aws: StageAws) -> list[Alarm]:
    """Read the alarms of a stage, those of template.team.yaml too: all are named AppName/Stage/...

    Raises:
        AwsRefused: if AWS refuses or does not answer.
    """
    prefix = f"{aws.deployment.app_name}/{aws.deployment.stage}/"
    pages = aws.pages("cloudwatch", "describe_alarms", AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm"])
    return [Alarm.read(row) for page in pages for row in page.get("MetricAlarms", [])]


def main(environment: Environment, file: Path = SAMCONFIG, *, make: MakeClient = make_client) -> int:
    email, apply = environment.get("EMAIL", ""), environment.get("APPLY") == "1"
    try:
        aws = StageAws(read_deployment(environment, file), make)
        alarms = read_alarms(aws)
        used = sorted({topic for alarm in alarms for topic in alarm.topics})
        steps = tell(aws, email, used, apply=apply) if email else []
        topics = [read_topic(aws, arn) for arn in used or _own_topic(aws)]
    except (InvalidAddress, InvalidDeployment) as refused:
        print(refused, file=sys.stderr)
        return 2
    except AwsRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    findings = [*(_judge(alarm) for alarm in alarms), *_who_is_told(aws, topics, used)]
    if environment.get("JSON"):
        print(_write_json(alarms, topics))
        return exit_status(findings)
    if not alarms:
        findings.insert(0, skipped("alarms", "the stage has none here: make stages shows what is deployed"))
    print(f"Alarms of {aws.deployment.stage} in {aws.region}\n\n{table([*findings, *steps])}")
    print(f"\n{summarize(findings)}{_next(aws, steps, topics, used, apply=apply)}")
    return exit_status(findings)


def _judge(alarm: Alarm) -> Finding:
    if alarm.state == "ALARM":
        return failed(alarm.short_name, f"ALARM since {alarm.since}: {alarm.reason}", alarm.description)
    if alarm.state == "OK":
        return passed(alarm.short_name, f"ok since {alarm.since}: {alarm.rule}")
    seen = f"no data since {alarm.since}: {alarm.rule}"
    return warned(alarm.short_name, seen, "nothing, if the stage is new or has no calls")


def _own_topic(aws: StageAws) -> list[str]:
    found = find_topic(aws, topic_name(aws.deployment))
    return [found] if found else []


def _who_is_told(aws: StageAws, topics: Sequence[Topic], used: Sequence[str]) -> list[Finding]:
    if not topics:
        fix = f"make alarms STAGE={aws.deployment.stage} EMAIL=ops@example.com says how"
        return [warned(WHO, "nobody: the alarms write to no topic", fix)]
    return [_judge_topic(aws, topic, is_used=topic.arn in used) for topic in topics]


def _judge_topic(aws: StageAws, topic: Topic, *, is_used: bool) -> Finding:
    people = ", ".join(printable(str(each)) for each in topic.subscriptions)
    if not is_used:
        return warned(WHO, f"nobody yet: no alarm writes to {topic.arn} ({people})", "deploy with it, as below")
    if not any(each.is_confirmed for each in topic.subscriptions):
        fix = "open the link of the confirmation mail, or add an address with EMAIL="
        return warned(
            WHO, f"nobody: {topic.arn} has no confirmed subscription{f' ({people})' * bool(people)}", fix
        )
    return passed(WHO, f"{people}, by {topic.arn}")


def _next(
    aws: StageAws, steps: Sequence[Finding], topics: Sequence[Topic], used: Sequence[str], *, apply: bool
) -> str:
    """What to run next. The deployment's line is not wrapped, so that it can be copied."""
    lines = []
    if any(step.status is Status.CHANGE for step in steps) and not apply:
        lines.append("Nothing was changed. The same command with APPLY=1 does it.")
    unused = [topic.arn for topic in topics if topic.arn not in used]
    for arn in unused:
        lines.append(f"The alarms of {aws.deployment.stage} write to the topic after:")
        lines.append(f'make deploy STAGE={aws.deployment.stage} PARAMETERS="AlarmTopicArn={arn}"')
    return "".join(f"\n{line}" for line in lines)


def _write_json(alarms: Sequence[Alarm], topics: Sequence[Topic]) -> str:
    document: dict[str, Any] = {
        "alarms": [asdict(alarm) for alarm in alarms],
        "topics": [asdict(topic) for topic in topics],
    }
    return json.dumps(document, indent=2)


if __name__ == "__main__":
    sys.exit(main(os.environ))
