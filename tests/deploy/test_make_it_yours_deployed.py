"""docs/make-it-yours.md on a local AWS: a copy with name, setting, secret, package, table and alarm of its own."""

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.deploy.deployed import Deployed, deployable
from tests.person import Memory, Person, login_of
from tests.upgrade.copy import lock_package
from tests.upgrade.page import apply_page

# In their order: each goes on from what the one before has left.
pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
STACK, PARAMETER = "acme-tools-dev", "/acme-tools/dev/team/REPORTS_KEY"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployable(tmp_path_factory.mktemp("yours"), STACK) as deployed:
        checkout = deployed.checkout
        checkout.copy("README.md")
        # The tests' stages have no AppName, which `make init` replaces.
        checkout.configure("dev", 'parameter_overrides = ["AppName=workos-mcp-lambda", "Stage=dev"]')
        checkout.make("init", NAME="acme-tools")
        # There is no VPC here, and tests/mine is not deployed.
        apply_page(checkout.folder, without=("samconfig.toml", "tests/mine/test_report_link.py"))
        lock_package(checkout.folder)
        yield deployed


def call(deployed: Deployed, tool: str) -> Any:
    """Log in with a browser, as a new client, and call a tool with a quarter."""

    async def exchange() -> Any:
        login = login_of(Person(), Memory(), deployed.url)
        async with (
            httpx2.AsyncClient(auth=login, trust_env=False, timeout=60) as http,
            Client(streamable_http_client(deployed.url, http_client=http)) as client,
        ):
            return await client.call_tool(tool, {"quarter": "2026-q1"})

    result = asyncio.run(exchange())
    return str(result.content) if result.is_error else result.structured_content["result"]


def test_a_deployment_without_the_declared_secret_is_not_done(deployed: Deployed) -> None:
    deployed.checkout.make("secrets")

    status, printed = deployed.checkout.try_make("deploy")

    said = " ".join(printed.split())
    assert status != 0, printed
    assert f"{STACK}: {PARAMETER} is missing" in said
    assert "NAME=<its last part>" in said


def test_the_pages_command_puts_the_secret_where_the_function_reads_it(deployed: Deployed) -> None:
    with deployed.checkout.shell(REPORTS_KEY="a-key-of-dev"):
        printed = deployed.checkout.make("secrets", NAME="REPORTS_KEY")

    found = deployed.aws.client("ssm").get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("SecureString", "a-key-of-dev")
    assert "a-key-of-dev" not in printed
    printed = deployed.checkout.make("smoke", URL=deployed.url, FUNCTION=STACK)
    assert PARAMETER in printed.partition("pass    secrets")[2]


def test_the_tool_uses_the_setting_and_the_secret_of_the_stage(deployed: Deployed) -> None:
    signature = hmac.new(b"a-key-of-dev", b"2026-q1", hashlib.sha256).hexdigest()

    assert call(deployed, "report_link") == f"https://reports.example.com/2026-q1?signature={signature}"
    assert not [line for line in deployed.log if "a-key-of-dev" in line]
    assert [line for line in deployed.log if '"service":"acme-tools"' in line]


def test_the_tool_reads_its_own_table_and_may_not_write_it(deployed: Deployed) -> None:
    dynamodb = deployed.aws.client("dynamodb")
    (table,) = [name for name in dynamodb.list_tables()["TableNames"] if "ReportsTable" in name]
    assert "There is no report of this quarter" in call(deployed, "report_rows")
    dynamodb.put_item(TableName=table, Item={"id": {"S": "2026-q1"}, "rows": {"N": "42"}})

    assert call(deployed, "report_rows") == 42
    iam = deployed.aws.client("iam")
    (role,) = [name for each in iam.list_roles()["Roles"] if "FunctionRole" in (name := each["RoleName"])]
    policy = iam.get_role_policy(RoleName=role, PolicyName="reports")["PolicyDocument"]
    assert policy["Statement"][0]["Action"] == ["dynamodb:GetItem", "dynamodb:Query"]


def test_the_alarm_is_there_under_the_name_of_the_stage(deployed: Deployed) -> None:
    alarms = deployed.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]

    names = {each["AlarmName"] for each in alarms}
    assert "acme-tools/dev/reports-throttled" in names
    assert {name.split("/")[0] for name in names} == {"acme-tools"}


def test_the_end_of_the_stage_takes_the_secret_along(deployed: Deployed) -> None:
    deployed.checkout.make("delete", CONFIRM=STACK)

    ssm = deployed.aws.client("ssm")
    assert ssm.get_parameters_by_path(Path="/acme-tools", Recursive=True)["Parameters"] == []
