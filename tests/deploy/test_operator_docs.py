"""What the pages for operators tell people to run, AWS knows; what the role's page says of it, the role is."""

import io
import re
import shlex
import zipfile
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name
from botocore.validate import validate_parameters

from tests.blocks import ROOT, blocks
from tests.deploy.local_aws import REGION, LocalAws, local_aws
from tests.deploy.policy import Filled
from tests.deploy.test_github_role import SHARED, role

PAGES = [page for page in sorted(ROOT.glob("docs/*.md")) if re.search(r"^aws ", page.read_text(), re.MULTILINE)]
COMMANDS = [
    line
    for page in PAGES
    for block in blocks("sh", str(page.relative_to(ROOT)))
    for line in block.splitlines()
    if line.startswith("aws ")
]


def request_of(command: str) -> tuple[str, str, dict[str, Any], Any]:
    """Service, operation, its parameters, and the shape that they must have: the CLI's names are the API's."""
    _, service, operation, *options = shlex.split(command)
    model = botocore.session.Session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(name, "-"): name for name in shape.members}
    parameters: dict[str, Any] = {}
    for option, words in _options(options).items():
        name = members[option]
        parameters[name] = _value(shape.members[name].type_name, words)
    return service, xform_name(names[operation]), parameters, shape


def _options(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            found[word.removeprefix("--")] = []
        else:
            found[list(found)[-1]].append(word)
    return found


def _value(kind: str, words: list[str]) -> Any:
    if kind == "list":
        return words
    (word,) = words
    return int(word) if kind in ("integer", "long") else word


def test_the_pages_have_commands_of_aws() -> None:
    assert len(COMMANDS) >= 5


@pytest.mark.matrix
@pytest.mark.parametrize("command", COMMANDS)
def test_aws_knows_each_command_with_all_of_its_parameters(command: str) -> None:
    *_, parameters, shape = request_of(command)

    validate_parameters(parameters, shape)


def alarm_of_the_page() -> dict[str, Any]:
    (block,) = blocks("yaml", "docs/operate.md")
    return {"block": block, **yaml.safe_load(re.sub(r"!\w+ ", "", block))}


def test_the_alarm_of_the_page_is_one_that_the_role_may_make() -> None:
    alarm = alarm_of_the_page()["ReportFailuresAlarm"]["Properties"]["AlarmName"]
    statements = role().statements_of_role("DeployRole")

    (made,) = (each for each in statements if each["Sid"] == "AlarmsThatWriteToTopics")
    assert alarm.startswith("${AppName}/${Stage}/")
    assert made["Resource"].endswith(":alarm:workos-mcp-lambda/dev/*")


def test_every_alarm_of_the_template_is_named_so() -> None:
    text = ROOT.joinpath("template.yaml").read_text()
    names = re.findall(r"AlarmName: !Sub (\S+)", text)

    assert len(names) >= 9
    assert all(re.fullmatch(r"\$\{AppName\}/\$\{Stage\}/[a-z0-9-]+", name) for name in names)


def test_the_alarm_of_the_page_counts_what_the_log_says() -> None:
    pattern = alarm_of_the_page()["ReportFailuresMetric"]["Properties"]["FilterPattern"]

    assert re.findall(r"\$\.(\w+) = \"(\w+)\"", pattern) == [
        ("message", "exchange"),
        ("tool", "create_report"),
        ("outcome", "tool_error"),
    ]


def test_the_roles_page_names_what_is_not_kept_to_the_stage() -> None:
    page = ROOT.joinpath("docs/deploy-from-github.md").read_text()

    everywhere = {
        action
        for statement in role(UsesVpc="false").statements_of_role("DeployRole")
        for action in statement["Action"]
        if statement["Resource"] == "*"
    }
    assert everywhere <= SHARED
    for action in everywhere - {each for each in everywhere if each.endswith(("LogDelivery", "LogDeliveries"))}:
        assert f"`{action}`" in page, action
    assert "logs:CreateLogDelivery" in page


def test_the_workflow_and_its_role_are_named_where_people_look() -> None:
    for page in ("README.md", "docs/deploy.md"):
        assert "deploy-from-github.md" in ROOT.joinpath(page).read_text(), page
    page = ROOT.joinpath("docs/deploy-from-github.md").read_text()
    workflow = ROOT.joinpath(".github/workflows/deploy.yml").read_text()
    variables = set(re.findall(r"vars\.(\w+)", workflow))
    assert {"AWS_ROLE_ARN", "AWS_REGION"} <= variables
    assert all(f"`{name}`" in page for name in variables)
    assert "docs/deploy-from-github.md" in workflow


def test_the_boundary_is_said_as_it_is() -> None:
    page = ROOT.joinpath("docs/deploy-from-github.md").read_text()
    filled = Filled(ROOT / "infra/deploy/github-role.yaml", Repository="acme/mcp")

    assert filled.properties("DeployRole")["Path"] != "/workos-mcp-lambda/dev/"
    assert "the path `/AppName/Stage/`" in page


def merged(folder: Path) -> Path:
    """template.yaml with the page's alarm under Resources, as the page says."""
    text = ROOT.joinpath("template.yaml").read_text()
    file = folder / "template.yaml"
    file.write_text(text.replace("\nResources:\n", f"\nResources:\n{alarm_of_the_page()['block']}\n", 1))
    return file


@pytest.mark.deploy
def test_each_command_runs_on_a_local_aws(tmp_path: Path) -> None:
    with local_aws(tmp_path) as aws:
        names = {**_things(aws), "eu-central-1": REGION, "123456789012": "000000000000"}
        for command in COMMANDS:
            for example, made in names.items():
                command = command.replace(example, made)  # noqa: PLW2901 - the same command, of this account
            service, operation, parameters, _ = request_of(command)

            answer = getattr(aws.client(service), operation)(**parameters)

            assert answer["ResponseMetadata"]["HTTPStatusCode"] < 300, command


def _things(aws: LocalAws) -> dict[str, str]:
    """What the commands are about, and by the examples' ids the ids that they have here."""
    name = "workos-mcp-lambda-dev"
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("x.py", "def handler(event, context): return None")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role_arn = aws.client("iam").create_role(RoleName="x", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    aws.client("lambda").create_function(
        FunctionName=name,
        Role=role_arn,
        Runtime="python3.13",
        Handler="x.handler",
        Code={"ZipFile": code.getvalue()},
    )
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return {
        "vpc-0123456789abcdef0": vpc,
        "subnet-0123456789abcdef0": ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"],
        "sg-0123456789abcdef0": ec2.create_security_group(GroupName="m", Description="m", VpcId=vpc)["GroupId"],
        "rtb-0123456789abcdef0": ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"],
    }
