"""`make deploy` of the real template, calls by the SDK's client through the deployed URL, and the end of it."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from tests.deploy.deployed import STACK, Deployed, deployable
from tests.person import Memory, Person, login_of

# In their order: each goes on from what the one before has left.
pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
FUNCTION = "workos-mcp-lambda-dev"
SECRETS = "/workos-mcp-lambda/dev"
EXAMPLES = Path(__file__).parents[2] / "app/tools/examples"
SETTINGS = "DocsUrl=https://docs.example.com/mcp 'RequiredScopes=openid profile'"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployable(tmp_path_factory.mktemp("deploy")) as deployed:
        yield deployed


def call(deployed: Deployed, tool: str, arguments: dict[str, Any]) -> Any:
    """Log in with a browser, as a new client, and call one tool."""

    async def exchange() -> CallToolResult:
        login = login_of(Person(), Memory(), deployed.url)
        async with (
            httpx2.AsyncClient(auth=login, trust_env=False, timeout=60) as http,
            Client(streamable_http_client(deployed.url, http_client=http)) as client,
        ):
            return await client.call_tool(tool, arguments)

    result = asyncio.run(exchange())
    assert not result.is_error, "\n".join([str(result.content), *deployed.log[-30:]])
    return result.structured_content


def test_secrets_go_into_ssm_and_not_onto_the_screen(deployed: Deployed) -> None:
    printed = deployed.checkout.make("secrets")

    ssm = deployed.aws.client("ssm")
    found = ssm.get_parameters_by_path(Path=SECRETS, WithDecryption=True)["Parameters"]
    assert {each["Name"] for each in found} == {f"{SECRETS}/workos-api-key", f"{SECRETS}/request-state-key"}
    assert {each["Type"] for each in found} == {"SecureString"}
    assert not any(each["Value"] in printed for each in found)


def test_one_command_deploys_tries_and_prints_what_to_paste(deployed: Deployed) -> None:
    began = time.monotonic()

    printed = deployed.deploy()

    print(f"make deploy: {time.monotonic() - began:.1f} s")
    assert f"claude mcp add --transport http workos-mcp-lambda-dev {deployed.url}" in printed
    assert deployed.outputs["ResourceIndicator"] == deployed.url
    function = deployed.aws.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    assert function["Environment"]["Variables"].keys().isdisjoint({"WORKOS_API_KEY", "REQUEST_STATE_KEY"})


def test_a_client_is_led_to_the_login_and_calls_whoami(deployed: Deployed) -> None:
    who = call(deployed, "whoami", {})

    assert who["user_id"] == "user_01LOCALADALOVELACE0000000"


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples were removed, and with them the tool it calls")
def test_a_tool_calls_workos_with_the_key_from_ssm(deployed: Deployed) -> None:
    mine = call(deployed, "list_my_organizations", {})

    assert "Analytical Engines" in str(mine)


def test_a_second_deployment_serves_the_new_code(deployed: Deployed) -> None:
    added = deployed.checkout.folder / "app" / "tools" / "read_parameter.py"
    shutil.copy(Path(__file__).with_name("probe.py"), added)
    began = time.monotonic()

    deployed.deploy()

    print(f"make deploy, again: {time.monotonic() - began:.1f} s")
    own = call(deployed, "read_parameter", {"name": f"{SECRETS}/workos-api-key"})
    assert own == {"outcome": "read"}


def test_the_function_may_read_the_secrets_of_no_other_stage(deployed: Deployed) -> None:
    for name in ("/workos-mcp-lambda/prod/workos-api-key", "/another-app/dev/secret", f"{SECRETS}-2/secret"):
        deployed.aws.client("ssm").put_parameter(Name=name, Type="SecureString", Value="not yours")
        tried = call(deployed, "read_parameter", {"name": name})
        deployed.aws.client("ssm").delete_parameter(Name=name)

        assert tried == {"outcome": "AccessDeniedException"}, name


def test_a_changed_setting_alone_is_a_new_version(deployed: Deployed) -> None:
    deployed.deploy(PARAMETERS=SETTINGS)

    metadata = httpx2.get(deployed.outputs["ProtectedResourceUrl"], trust_env=False).json()
    assert metadata["resource_documentation"] == "https://docs.example.com/mcp"
    versions = deployed.aws.client("lambda").list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    # The live one and the one to go back to; the first is pruned.
    assert [each["Version"] for each in versions] == ["$LATEST", "2", "3"]


def test_the_same_again_changes_nothing(deployed: Deployed) -> None:
    printed = deployed.deploy(PARAMETERS=SETTINGS)

    assert "No changes to deploy" in printed


def test_going_back_gives_all_calls_to_the_version_before(deployed: Deployed) -> None:
    deployed.checkout.make("rollback")

    alias = deployed.aws.client("lambda").get_alias(FunctionName=FUNCTION, Name="live")
    assert alias["FunctionVersion"] == "2"


def test_without_snapstart_the_signing_keys_of_the_hour_are_deployed_with_the_code(deployed: Deployed) -> None:
    printed = deployed.deploy(PARAMETERS=f"{SETTINGS} SnapStart=off")

    assert "are deployed with the code: 1" in printed
    call(deployed, "whoami", {})
    used = [line.replace(" ", "") for line in deployed.log if "signing keys of a snapshot" in line]
    assert used
    assert all('"source":"deployment"' in line and '"usable":true' in line for line in used)


def test_the_end_leaves_nothing(deployed: Deployed) -> None:
    deployed.checkout.make("delete", CONFIRM=STACK)

    assert left_behind(deployed) == {}


def left_behind(deployed: Deployed) -> dict[str, Any]:
    """What an account still holds, by service; the bucket that sam keeps for all stacks is no part of it."""
    client = deployed.aws.client
    buckets = [each["Name"] for each in client("s3").list_buckets()["Buckets"]]
    assert len(buckets) == 1
    stacks = [each["StackName"] for each in client("cloudformation").describe_stacks()["Stacks"]]
    found = {
        "stacks": [name for name in stacks if name != "aws-sam-cli-managed-default"],
        "functions": client("lambda").list_functions()["Functions"],
        "APIs": client("apigatewayv2").get_apis()["Items"],
        "roles": client("iam").list_roles()["Roles"],
        "log groups": client("logs").describe_log_groups()["logGroups"],
        "metric filters": client("logs").describe_metric_filters()["metricFilters"],
        "alarms": client("cloudwatch").describe_alarms()["MetricAlarms"],
        "dashboards": client("cloudwatch").list_dashboards()["DashboardEntries"],
        "parameters": client("ssm").describe_parameters()["Parameters"],
        "uploads": client("s3").list_object_versions(Bucket=buckets[0]).get("Versions", []),
    }
    return {service: entries for service, entries in found.items() if entries}


def test_nothing_but_loopback_listened(deployed: Deployed) -> None:
    wildcard = {"00000000", "00000000000000000000000000000000"}
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    assert f"{deployed.aws.port:04X}" in {address.split(":")[1] for address in listening}
    for address in listening:
        host, port = address.split(":")
        assert host not in wildcard or int(port, 16) != deployed.aws.port
