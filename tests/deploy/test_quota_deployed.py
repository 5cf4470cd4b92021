"""The quota in the real template: off there is nothing of it, on it counts the calls of the deployed function."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.deploy.deployed import Deployed, deployable
from tests.person import Memory, Person, login_of

# In their order: each goes on from what the one before has left.
pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
TABLE = "workos-mcp-lambda-dev-quota"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployable(tmp_path_factory.mktemp("quota")) as deployed:
        deployed.checkout.make("secrets")
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


def test_on_the_table_counts_and_the_caller_over_the_limit_is_told(deployed: Deployed) -> None:
    deployed.deploy(PARAMETERS="QuotaPerUser=3 QuotaPerOrganization=1000 QuotaWindowSeconds=86400")

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
        "alarms": [TABLE],
    }


def test_off_which_is_the_default_nothing_of_it_is_left(deployed: Deployed) -> None:
    deployed.deploy(PARAMETERS="QuotaPerUser=0 QuotaPerOrganization=0")

    assert answers(deployed, 5) == ["served"] * 5
    assert parts(deployed) == {"tables": [], "policies": [], "filters": [], "alarms": []}
