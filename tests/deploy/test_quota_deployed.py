"""What parameters add to the real template and take away again: the quota, which counts calls; a VPC; an alarm."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.deploy.deployed import Deployed, deployable
from tests.deploy.test_operator_docs import merged
from tests.person import Memory, Person, login_of

# In their order: each goes on from what the one before has left.
pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
APP = "notes"
"""Of samconfig.toml alone: secrets, function, table and role have to go by the same name."""
TABLE = f"{APP}-dev-quota"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployable(tmp_path_factory.mktemp("quota")) as deployed:
        deployed.checkout.configure("dev", f'parameter_overrides = ["Stage=dev", "AppName={APP}"]')
        deployed.checkout.make("secrets")
        merged(deployed.checkout.folder)
        yield deployed


def answers(deployed: Deployed, calls: int) -> list[str]:
    """What one user is told who calls that often, within seconds."""

    async def exchanges() -> list[Any]:
        login = login_of(Person(), Memory(), deployed.url)
        async with (
            httpx2.AsyncClient(auth=login, trust_env=False, timeout=60) as http,
            Client(streamable_http_client(deployed.url, http_client=http)) as client,
        ):
            return [await client.call_tool("whoami", {}) for _ in range(calls)]

    return [str(each.content) if each.is_error else "served" for each in asyncio.run(exchanges())]


def parts(deployed: Deployed) -> dict[str, list[str]]:
    """What of the stack is there for the quota."""
    client = deployed.aws.client
    (role,) = [
        name for each in client("iam").list_roles()["Roles"] if "FunctionRole" in (name := each["RoleName"])
    ]
    filters = client("logs").describe_metric_filters()["metricFilters"]
    found = {
        "tables": client("dynamodb").list_tables()["TableNames"],
        "policies": client("iam").list_role_policies(RoleName=role)["PolicyNames"],
        "filters": [each["filterPattern"] for each in filters],
        "alarms": [each["AlarmName"] for each in client("cloudwatch").describe_alarms()["MetricAlarms"]],
    }
    return {kind: [each for each in names if "quota" in each or "count" in each] for kind, names in found.items()}


def is_in_a_vpc(deployed: Deployed) -> bool:
    """By what its role may do: ministack leaves VpcConfig out of the function, test_transform.py looks at it."""
    iam = deployed.aws.client("iam")
    (role,) = [name for each in iam.list_roles()["Roles"] if "FunctionRole" in (name := each["RoleName"])]
    return "attach-to-subnets" in iam.list_role_policies(RoleName=role)["PolicyNames"]


def test_on_the_table_counts_and_the_caller_over_the_limit_is_told(deployed: Deployed) -> None:
    ec2 = deployed.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="mcp", Description="mcp", VpcId=vpc)["GroupId"]
    in_a_vpc = f"SubnetIds={subnet} SecurityGroupIds={group}"

    deployed.deploy(PARAMETERS=f"QuotaPerUser=3 QuotaPerOrganization=1000 QuotaWindowSeconds=86400 {in_a_vpc}")

    assert is_in_a_vpc(deployed)
    alarms = deployed.aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{APP}/dev/")["MetricAlarms"]
    assert f"{APP}/dev/report-failures" in {each["AlarmName"] for each in alarms}

    told = answers(deployed, 8)

    assert told[0] == "served"
    assert "You have used the 3 calls that one user has per day. Try again in" in told[-1]
    assert not [line for line in deployed.log if "quota unavailable" in line]
    table = deployed.aws.client("dynamodb")
    assert table.describe_table(TableName=TABLE)["Table"]["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert {each["subject"]["S"].split("#")[0] for each in table.scan(TableName=TABLE)["Items"]} == {
        "user",
        "organization",
    }
    assert parts(deployed) == {
        "tables": [TABLE],
        "policies": ["count-calls"],
        "filters": ['{ $.message = "quota unavailable" }'],
        "alarms": [f"{APP}/dev/quota"],
    }


def test_off_which_is_the_default_nothing_of_it_is_left(deployed: Deployed) -> None:
    deployed.deploy(PARAMETERS="QuotaPerUser=0 QuotaPerOrganization=0 SubnetIds= SecurityGroupIds=")

    assert not is_in_a_vpc(deployed)
    assert answers(deployed, 5) == ["served"] * 5
    assert parts(deployed) == {"tables": [], "policies": [], "filters": [], "alarms": []}
