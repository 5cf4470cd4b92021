"""The quota over several environments: processes that call at once, against the table of the template."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.access.quota import TableUnavailable
from app.access.quota_table import DynamoTable
from tests.blocks import ROOT
from tests.deploy.cloudformation import resources
from tests.deploy.local_aws import LocalAws, local_aws

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
PROPERTIES = resources("AWS::DynamoDB::Table")["QuotaTable"]
TABLE, OTHER = "app-dev-quota", "app-prod-quota"
NOW = 1_790_000_000
ORGANIZATION = "org_01ACME"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("aws")) as aws:
        for name in (TABLE, OTHER):
            parts = {each: PROPERTIES[each] for each in ("AttributeDefinitions", "KeySchema", "BillingMode")}
            aws.client("dynamodb").create_table(TableName=name, **parts)
        ends = PROPERTIES["TimeToLiveSpecification"]
        aws.client("dynamodb").update_time_to_live(TableName=TABLE, TimeToLiveSpecification=ends)
        yield aws


@dataclass
class Environments:
    """Two of them, which are ready and begin together."""

    aws: LocalAws
    rules: dict[str, Any]

    def call(
        self, users: dict[str, list[str]], calls: int, organization: str | None = None
    ) -> list[dict[str, Any]]:
        asked = {"rules": {"table": TABLE, **self.rules}, "calls": calls, "organization": organization, "now": NOW}
        running = [self._start(asked | {"name": name, "users": users[name]}) for name in users]
        for each in running:
            assert each.stdout
            assert each.stdout.readline() == "ready\n"
        for each in running:
            assert each.stdin
            each.stdin.write("go\n")
            each.stdin.flush()
        told = [each.communicate(timeout=120)[0] for each in running]
        return [json.loads(text) for text in told]

    def _start(self, asked: dict[str, Any]) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.deploy.quota_environment", json.dumps(asked)]
        environment = {**os.environ, **self.aws.environment, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )


def passed(told: list[dict[str, Any]]) -> list[int]:
    assert not [each for each in told if "quota_unavailable" in each["outcomes"]]
    return [each["outcomes"].get("passed", 0) for each in told]


def test_of_one_users_calls_exactly_the_limit_passes(aws: LocalAws) -> None:
    environments = Environments(aws, {"per_user": 200, "when_unavailable": "deny"})

    told = environments.call({"one": ["user_01ALICE"], "two": ["user_01ALICE"]}, calls=300)

    print(json.dumps(told))
    assert sum(passed(told)) == 200
    assert min(passed(told)) > 0


def test_of_one_organizations_calls_exactly_the_limit_passes(aws: LocalAws) -> None:
    environments = Environments(aws, {"per_user": 9999, "per_organization": 150, "when_unavailable": "deny"})
    users = {name: [f"user_{name}_{number}" for number in range(5)] for name in ("one", "two")}

    told = environments.call(users, 200, ORGANIZATION)

    assert sum(passed(told)) == 150
    assert min(passed(told)) > 0


def test_a_new_environment_is_told_of_calls_before_it(aws: LocalAws) -> None:
    again = Environments(aws, {"per_user": 200, "when_unavailable": "deny"})

    assert passed(again.call({"three": ["user_01ALICE"]}, calls=3)) == [0]


def test_a_count_is_kept_under_the_key_and_with_the_end_that_the_template_names(aws: LocalAws) -> None:
    window = NOW // 3600 * 3600
    key = {"subject": {"S": f"user#user_01ALICE#3600#{window}"}}

    item = aws.client("dynamodb").get_item(TableName=TABLE, Key=key)["Item"]

    assert item["calls"] == {"N": "200"}
    assert int(item[PROPERTIES["TimeToLiveSpecification"]["AttributeName"]]["N"]) > window + 3600


def test_the_role_may_count_in_its_own_table_and_nothing_else(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    assume(role_with_the_policy(aws), aws, monkeypatch)
    client = DynamoTable(TABLE, 20.0)

    assert asyncio.run(client.count("user#a#60#0", 1, 3600)) is True
    assert asyncio.run(client.count("user#a#60#0", 1, 3600)) is False
    with pytest.raises(TableUnavailable, match="denied"):
        asyncio.run(DynamoTable(OTHER, 20.0).count("user#a#60#0", 1, 3600))
    one = {"Key": {"subject": {"S": "user#a#60#0"}}}
    for name, asked in {"get_item": one, "delete_item": one, "scan": {}}.items():
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(client._client, name)(TableName=TABLE, **asked)


def role_with_the_policy(aws: LocalAws) -> str:
    """A role with what the template gives the function's for counting."""
    condition, policy, _ = resources("AWS::IAM::Role")["FunctionRole"]["Policies"][1]["Fn::If"]
    arn = aws.client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableArn"]
    written = json.dumps(policy["PolicyDocument"]).replace(
        '{"Fn::GetAtt": ["QuotaTable", "Arn"]}', json.dumps(arn)
    )
    anybody = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    iam = aws.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    role = iam.create_role(RoleName="counting", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="counting", PolicyName=policy["PolicyName"], PolicyDocument=written)
    assert condition == "HasQuota"
    return str(role)


def assume(role: str, aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="environment")["Credentials"]
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", given["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", given["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", given["SessionToken"])
