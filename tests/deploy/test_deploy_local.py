"""`make deploy` of the real template, calls by the SDK's client through the deployed URL, and the end of it."""

import asyncio
import base64
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import httpx2
import pytest
from botocore.exceptions import ClientError
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from tests.deploy.deployed import STACK, Deployed, deployable
from tests.deploy.local_aws import REGION
from tests.person import Memory, Person, login_of

# In their order: each goes on from what the one before has left.
pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
FUNCTION = "workos-mcp-lambda-dev"
SECRETS = "/workos-mcp-lambda/dev"
GITHUB = "https://token.actions.githubusercontent.com"
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


def test_a_tool_calls_workos_with_the_key_from_ssm(deployed: Deployed) -> None:
    mine = call(deployed, "list_my_organizations", {})

    assert "Analytical Engines" in str(mine)


def test_an_operator_sees_who_called_what(deployed: Deployed) -> None:
    printed = words(deployed.checkout.make("activity", HOURS="1"))

    assert "user_01LOCALADALOVELACE0000000" in printed
    assert re.search(r"whoami ok \d", printed)
    assert re.search(r"refused, by reason .*: .*no_token \d", printed)
    found = json.loads(deployed.checkout.make("activity", TOOL="list_my_organizations", JSON="1"))
    assert {each["outcome"] for each in found["calls"]} == {"ok"}
    assert {each["name"] for each in found["calls"]} == {"list_my_organizations"}


def test_an_operator_sees_the_alarms_and_tells_a_person(deployed: Deployed) -> None:
    dry = words(deployed.checkout.make("alarms", EMAIL="ops@example.com"))
    done = words(deployed.checkout.make("alarms", EMAIL="ops@example.com", APPLY="1"))
    again = words(deployed.checkout.make("alarms", EMAIL="ops@example.com", APPLY="1"))

    alarms = deployed.aws.client("cloudwatch").describe_alarms(AlarmNamePrefix="workos-mcp-lambda/dev/")
    names = {each["AlarmName"].rpartition("/")[2] for each in alarms["MetricAlarms"]}
    assert all(f" {name} " in dry for name in names)
    assert "would make workos-mcp-lambda-dev-alarms" in dry
    assert f'make deploy STAGE=dev PARAMETERS="AlarmTopicArn={topic_of(deployed)}"' in done
    assert "CHANGE" not in again


def topic_of(deployed: Deployed) -> str:
    (topic,) = deployed.aws.client("sns").list_topics()["Topics"]
    return str(topic["TopicArn"])


def test_an_operator_sees_what_is_deployed_where(deployed: Deployed) -> None:
    printed = words(deployed.checkout.make("stages"))

    assert re.search(rf"dev {STACK} {REGION} (CREATE|UPDATE)_COMPLETE 1 1 [0-9a-f]{{12}} ", printed)
    assert deployed.url in printed
    assert f"prod {STACK.removesuffix('dev')}prod" in printed
    assert "not deployed" in printed


def test_an_operator_sees_what_it_costs_and_what_is_not_known(deployed: Deployed) -> None:
    printed = words(deployed.checkout.make("cost", DAYS="1"))

    assert re.search(r"Lambda requests \d+ requests 0\.2 per million", printed)
    # This local AWS has no metrics of API Gateway.
    assert "HTTP API requests no data" in printed
    assert "SSM standard parameters" in printed
    assert "This is not a bill" in printed


def test_an_operator_ends_what_a_user_let_in(deployed: Deployed) -> None:
    ada = "ada@example.com"
    listed = words(deployed.checkout.make("connections", USER_EMAIL=ada))
    deployed.checkout.make("connections", USER_EMAIL=ada, REVOKE="all", APPLY="1")

    assert "Clients that the user let in" in listed
    assert "The user let no client in." in deployed.checkout.make("connections", USER_EMAIL=ada)


def words(printed: str) -> str:
    return " ".join(printed.split())


def test_smoke_fails_while_the_function_cannot_read_a_secret(deployed: Deployed) -> None:
    ssm, name = deployed.aws.client("ssm"), f"{SECRETS}/workos-api-key"
    key = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    ssm.delete_parameter(Name=name)

    status, printed = deployed.checkout.try_make("smoke", URL=deployed.url, FUNCTION=FUNCTION)

    assert status != 0
    assert f"{FUNCTION}: {name} is missing" in " ".join(printed.split())
    ssm.put_parameter(Name=name, Type="SecureString", Value=key)
    assert "pass    secrets" in deployed.checkout.make("smoke", URL=deployed.url, FUNCTION=FUNCTION)


def test_a_person_makes_the_role_by_which_github_deploys(deployed: Deployed) -> None:
    # As in an account where another stage came first: there is one provider for all.
    deployed.aws.client("iam").create_open_id_connect_provider(Url=GITHUB, ClientIDList=["sts.amazonaws.com"])

    printed = deployed.checkout.make("github-role", REPOSITORY="acme/mcp")

    role, boundary = outputs_of(deployed, f"{STACK}-github")
    assert f"gh variable set AWS_ROLE_ARN --env dev --body {role}" in printed
    assert f'make deploy STAGE=dev PARAMETERS="PermissionsBoundary={boundary}"' in printed
    parameters = deployed.aws.client("cloudformation").describe_stacks(StackName=f"{STACK}-github")
    given = {each["ParameterKey"]: each["ParameterValue"] for each in parameters["Stacks"][0]["Parameters"]}
    assert given["ApiId"] == deployed.outputs["ApiId"]
    assert (given["MakeProvider"], given["UsesVpc"]) == ("false", "false")


def outputs_of(deployed: Deployed, stack: str) -> tuple[str, str]:
    found = deployed.aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    named = {each["OutputKey"]: each["OutputValue"] for each in found}
    return named["RoleArn"], named["BoundaryArn"]


def logged_in(deployed: Deployed, environment: str = "dev", repository: str = "acme/mcp") -> dict[str, str]:
    """The credentials that GitHub Actions gets for the role, as a shell has them."""
    claims = {"iss": GITHUB, "aud": "sts.amazonaws.com", "sub": f"repo:{repository}:environment:{environment}"}
    parts = (json.dumps({"alg": "RS256"}).encode(), json.dumps(claims).encode(), b"signed")
    token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    role, _ = outputs_of(deployed, f"{STACK}-github")
    answer = deployed.aws.client("sts").assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="github", WebIdentityToken=token
    )
    names = {
        "AccessKeyId": "ACCESS_KEY_ID",
        "SecretAccessKey": "SECRET_ACCESS_KEY",
        "SessionToken": "SESSION_TOKEN",
    }
    return {f"AWS_{name}": str(answer["Credentials"][key]) for key, name in names.items()}


@pytest.mark.parametrize(
    ("environment", "repository"), [("prod", "acme/mcp"), ("dev", "eve/mcp"), ("dev2", "acme/mcp")]
)
def test_no_other_environment_or_repository_gets_the_role(
    environment: str, repository: str, deployed: Deployed
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        logged_in(deployed, environment, repository)


def test_a_second_deployment_serves_the_new_code(deployed: Deployed) -> None:
    added = deployed.checkout.folder / "app" / "tools" / "read_parameter.py"
    shutil.copy(Path(__file__).with_name("probe.py"), added)
    _, boundary = outputs_of(deployed, f"{STACK}-github")
    began = time.monotonic()

    deployed.deploy(PARAMETERS=f"PermissionsBoundary={boundary} AlarmTopicArn={topic_of(deployed)}")

    print(f"make deploy, again: {time.monotonic() - began:.1f} s")
    own = call(deployed, "read_parameter", {"name": f"{SECRETS}/workos-api-key"})
    assert own == {"outcome": "read"}


def test_the_alarms_write_to_the_topic_of_the_operator(deployed: Deployed) -> None:
    alarms = deployed.aws.client("cloudwatch").describe_alarms(AlarmNamePrefix="workos-mcp-lambda/dev/")

    assert {action for each in alarms["MetricAlarms"] for action in each["AlarmActions"]} == {topic_of(deployed)}
    printed = words(deployed.checkout.make("alarms"))
    assert f"by {topic_of(deployed)}" in printed or f"nobody: {topic_of(deployed)}" in printed
    assert "make deploy" not in printed


def test_the_function_may_read_the_secrets_of_no_other_stage(deployed: Deployed) -> None:
    for name in ("/workos-mcp-lambda/prod/workos-api-key", "/another-app/dev/secret", f"{SECRETS}-2/secret"):
        deployed.aws.client("ssm").put_parameter(Name=name, Type="SecureString", Value="not yours")
        tried = call(deployed, "read_parameter", {"name": name})
        deployed.aws.client("ssm").delete_parameter(Name=name)

        assert tried == {"outcome": "AccessDeniedException"}, name


def test_a_changed_setting_alone_is_a_new_version_which_the_role_deploys(deployed: Deployed) -> None:
    with deployed.checkout.shell(**logged_in(deployed)):
        deployed.deploy(PARAMETERS=SETTINGS)

    metadata = httpx2.get(deployed.outputs["ProtectedResourceUrl"], trust_env=False).json()
    assert metadata["resource_documentation"] == "https://docs.example.com/mcp"
    versions = deployed.aws.client("lambda").list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    # The live one and the one to go back to; the first is pruned.
    assert [each["Version"] for each in versions] == ["$LATEST", "2", "3"]


def test_every_role_of_the_stage_is_within_the_boundary(deployed: Deployed) -> None:
    _, boundary = outputs_of(deployed, f"{STACK}-github")

    iam = deployed.aws.client("iam")
    roles = [iam.get_role(RoleName=each["RoleName"])["Role"] for each in iam.list_roles()["Roles"]]
    of_the_stage = [each for each in roles if each["Path"] == "/workos-mcp-lambda/dev/"]
    # The function's and its worker's.
    assert [each["PermissionsBoundary"]["PermissionsBoundaryArn"] for each in of_the_stage] == [boundary] * 2


def test_who_holds_the_role_is_denied_what_is_not_the_stages(deployed: Deployed) -> None:
    # boto3's arguments are named as the variables are, in lower case.
    keys = {name.lower(): value for name, value in logged_in(deployed).items()}
    client = partial(boto3.client, endpoint_url=deployed.aws.url, region_name=REGION, **keys)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    own, _ = outputs_of(deployed, f"{STACK}-github")
    everything = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    stray = {"RoleName": "eve", "Path": "/workos-mcp-lambda/dev/", "AssumeRolePolicyDocument": trust}
    widened = {"RoleName": own.rpartition("/")[2], "PolicyName": "x", "PolicyDocument": everything}
    attempts: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (client("iam").create_role, stray),
        (client("iam").put_role_policy, widened),
        (client("lambda").get_function, {"FunctionName": "workos-mcp-lambda-dev2"}),
        (client("ssm").get_parameter, {"Name": f"{SECRETS}/workos-api-key"}),
        (client("logs").filter_log_events, {"logGroupName": deployed.outputs["LogGroup"]}),
        (client("apigatewayv2").get_apis, {}),
        (client("cloudformation").describe_stacks, {"StackName": f"{STACK}-github"}),
        (client("s3").list_objects_v2, {"Bucket": uploads(deployed)}),
        (client("s3").put_object, {"Bucket": uploads(deployed), "Key": "workos-mcp-lambda-prod/x", "Body": b""}),
    ]

    for attempt, arguments in attempts:
        with pytest.raises(ClientError) as denied:
            attempt(**arguments)
        assert denied.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"), arguments


def uploads(deployed: Deployed) -> str:
    (bucket,) = deployed.aws.client("s3").list_buckets()["Buckets"]
    return str(bucket["Name"])


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
    # The topic is not the stack's: other things may write to it.
    deployed.aws.client("sns").delete_topic(TopicArn=topic_of(deployed))
    # The role stays, for the next deployment; who takes it away too says so.
    deployed.aws.client("cloudformation").delete_stack(StackName=f"{STACK}-github")

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
        "policies": client("iam").list_policies(Scope="Local")["Policies"],
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
