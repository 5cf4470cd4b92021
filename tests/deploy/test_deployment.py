"""What is deployed where: samconfig.toml, the shell on top, and the versions behind the alias."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.deploy.delete import confirm
from infra.deploy.deployment import _NAMES, APP_NAME, InvalidDeployment, read_deployment
from infra.deploy.github_role import role_parameters
from infra.deploy.interpreter import find_interpreter
from infra.deploy.target import InvalidTarget, Target
from infra.deploy.versions import prune, prune_worker, rollback
from tests.blocks import ROOT
from tests.deploy.cloudformation import load_template

NEEDED = {"WORKOS_AUTHKIT_DOMAIN": "acme.authkit.app", "WORKOS_CLIENT_ID": "client_01ABC"}


def test_the_shell_wins_over_the_file_and_parameters_over_both() -> None:
    deployment = read_deployment(
        {**NEEDED, "STAGE": "prod", "ARCHITECTURE": "x86_64", "PARAMETERS": "Canary=false"}
    )

    assert deployment.stack_name == "workos-mcp-lambda-prod"
    assert deployment.parameters["AuthKitDomain"] == "acme.authkit.app"
    assert (deployment.parameters["Architecture"], deployment.parameters["Canary"]) == ("x86_64", "false")


def test_values_keep_their_spaces_and_quotes_on_the_way_to_sam() -> None:
    deployment = read_deployment({"PARAMETERS": "'RequiredScopes=a b' 'DocsUrl=https://a/\"'"})

    assert 'RequiredScopes="a b"' in deployment.overrides
    assert r'DocsUrl="https://a/\""' in deployment.overrides


def test_the_examples_are_served_only_by_the_deployment_that_asks_for_them() -> None:
    assert read_deployment({"EXAMPLES": "1"}).parameters["ServeExamples"] == "true"
    # sam has the stack keep the value of every parameter that it is not given.
    assert 'ServeExamples="false"' in read_deployment({}).overrides


def test_what_is_missing_is_named_with_where_to_write_it() -> None:
    with pytest.raises(InvalidDeployment) as refused:
        read_deployment({}).require_parameters()

    for said in ("AuthKitDomain", "WORKOS_CLIENT_ID", "[dev.deploy.parameters]"):
        assert said in str(refused.value)


@pytest.mark.parametrize("parameters", ["SubnetIds=subnet-01234567", "SecurityGroupIds=sg-01234567"])
def test_a_vpc_needs_subnets_and_security_groups(parameters: str) -> None:
    with pytest.raises(InvalidDeployment, match="go together"):
        read_deployment({**NEEDED, "PARAMETERS": parameters}).require_parameters()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"STAGE": "staging"}, "[staging.deploy.parameters]"),
        ({"PARAMETERS": "Canary"}, "Canary is not a parameter"),
    ],
)
def test_a_wrong_stage_or_parameter_is_told(environment: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidDeployment) as refused:
        read_deployment(environment)

    assert said in str(refused.value)


@pytest.mark.parametrize("environment", [{"RUNTIME": "nodejs22.x"}, {"ARCHITECTURE": "riscv"}])
def test_a_target_that_cannot_be_built_for_is_told(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidTarget):
        Target.from_environment(environment)


def test_byte_code_comes_from_the_right_python_or_from_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    assert find_interpreter("3.99") is None


def samconfig(folder: Path, *lines: str, stage: str = "dev") -> Path:
    """A samconfig.toml of one stage with these lines, beside those that every stage has."""
    file = folder / "samconfig.toml"
    own = [f'stack_name = "mcp-{stage}"', f's3_prefix = "mcp-{stage}"']
    file.write_text("\n".join([f"[{stage}.deploy.parameters]", *own, *lines]))
    return file


REGION = 'region = "eu-central-1"'


@pytest.mark.parametrize(
    ("lines", "environment", "name", "source"),
    [
        (
            [REGION],
            {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-1"},
            "eu-central-1",
            "samconfig.toml",
        ),
        (["[dev.global.parameters]", REGION], {"AWS_REGION": "us-west-2"}, "eu-central-1", "samconfig.toml"),
        (["[default.global.parameters]", REGION], {"AWS_REGION": "us-west-2"}, "eu-central-1", "samconfig.toml"),
        ([], {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-1"}, "us-west-2", "AWS_REGION"),
        ([], {"AWS_DEFAULT_REGION": "us-west-1"}, "us-west-1", "AWS_DEFAULT_REGION"),
    ],
)
def test_the_region_is_samconfigs_then_the_shells(
    lines: list[str], environment: dict[str, str], name: str, source: str, tmp_path: Path
) -> None:
    region = read_deployment(environment, samconfig(tmp_path, *lines)).require_region()

    assert (region.name, region.source) == (name, source)
    assert region.variables == {"AWS_REGION": name, "AWS_DEFAULT_REGION": name}


@pytest.fixture
def no_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose shell names no region; the file is its AWS configuration."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path / "aws-config"


def test_the_profiles_region_comes_last(no_region: Path, tmp_path: Path) -> None:
    no_region.write_text("[profile acme]\nregion = ap-south-1\n")

    region = read_deployment({"AWS_PROFILE": "acme"}, samconfig(tmp_path)).require_region()

    assert str(region) == "ap-south-1 (from the AWS profile acme)"


@pytest.mark.matrix
@pytest.mark.parametrize(
    "command", ["deploy.deploy", "deploy.outputs", "deploy.versions", "deploy.welcome", "deploy.delete"]
)
@pytest.mark.usefixtures("no_region")
def test_without_any_region_each_command_says_what_to_write_where(command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", f"infra.{command}", "McpUrl"],
        env={**os.environ, **NEEDED, "PYTHONPATH": str(ROOT), "STAGE": "dev", "CONFIRM": "workos-mcp-lambda-dev"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert "to [dev.deploy.parameters] in samconfig.toml, or set AWS_REGION" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.matrix
@pytest.mark.parametrize("command", ["outputs", "versions", "welcome"])
def test_an_aws_that_cannot_be_asked_is_told_in_a_line(command: str, no_region: Path) -> None:
    reached = {"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", f"infra.deploy.{command}", "McpUrl"],
        env={
            **os.environ,
            **reached,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert "eu-central-1 (from AWS_REGION)" in ran.stderr


@pytest.mark.parametrize(
    ("lines", "environment", "app"),
    [
        ([], {}, "workos-mcp-lambda"),
        (['parameter_overrides = ["Stage=dev", "AppName=billing"]'], {}, "billing"),
        (['parameter_overrides = "Stage=dev AppName=billing"'], {}, "billing"),
        (['parameter_overrides = "ParameterKey=AppName,ParameterValue=billing"'], {}, "billing"),
        (['parameter_overrides = {Stage = "dev", AppName = "billing"}'], {}, "billing"),
        (['parameter_overrides = ["AppName=billing"]'], {"APP_NAME": "notes"}, "notes"),
        (['parameter_overrides = ["AppName=billing"]'], {"PARAMETERS": "AppName=files"}, "files"),
    ],
)
def test_one_name_goes_to_the_stack_and_to_the_secrets(
    lines: list[str], environment: dict[str, str], app: str, tmp_path: Path
) -> None:
    deployment = read_deployment(environment, samconfig(tmp_path, *lines))

    # Always said: what is left out stays as CloudFormation remembers it, which no other command knows.
    assert {f'AppName="{app}"', 'Stage="dev"'} <= set(deployment.overrides)
    assert deployment.secrets_path == f"/{app}/dev"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['parameter_overrides = ["Stage=prod"]'], "STAGE=dev says Stage=prod: write Stage=dev"),
        (['parameter_overrides = ["AppName=ssm-thing"]'], "AppName is ssm-thing"),
        (['parameter_overrides = ["AppName=Billing"]'], "AppName is Billing"),
        (["[prod.deploy.parameters]", 'stack_name = "mcp-dev"'], "gives dev and prod one stack, mcp-dev"),
    ],
)
def test_names_that_would_part_a_function_from_its_secrets_are_refused(
    lines: list[str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidDeployment) as refused:
        read_deployment({}, samconfig(tmp_path, *lines))

    assert said in str(refused.value)


def test_a_section_without_a_stack_is_told(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text('[dev.deploy.parameters]\ns3_prefix = "x"')

    with pytest.raises(InvalidDeployment, match="has no stack_name"):
        read_deployment({}, tmp_path / "samconfig.toml")


def test_names_are_checked_as_the_template_checks_them() -> None:
    parameters = load_template()["Parameters"]

    assert parameters["AppName"]["Default"] == APP_NAME
    for name, pattern in _NAMES.items():
        assert parameters[name]["AllowedPattern"] == f"^{pattern}$"


@pytest.mark.parametrize("repository", ["", "mcp", "acme/mcp/x", "acme/mcp:*", "*/*", "https://x/acme/mcp"])
def test_the_role_is_for_one_repository(repository: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidDeployment, match="REPOSITORY=acme/mcp"):
        role_parameters(read_deployment({}, samconfig(tmp_path)), repository)


def test_the_role_uploads_below_the_stacks_own_name(tmp_path: Path) -> None:
    file = samconfig(tmp_path)
    file.write_text(file.read_text().replace('s3_prefix = "mcp-dev"', 's3_prefix = "shared"'))

    with pytest.raises(InvalidDeployment, match='write s3_prefix = "mcp-dev"'):
        role_parameters(read_deployment({}, file), "acme/mcp")


class Gone(Exception):
    """As boto3's ResourceNotFoundException."""


class Lambda:
    """Versions 1 to 4 of each function, and what was asked of them."""

    exceptions = SimpleNamespace(ResourceNotFoundException=Gone)

    def __init__(self, live: int) -> None:
        self.live = live
        self.deleted: list[str] = []
        self.working: set[str] = set()
        self.workers: dict[str, str] = {}
        """From a version of the function to that of the worker in which it begins work."""
        self.is_gone = False
        """Whether the worker was deleted."""

    def get_function_configuration(self, FunctionName: str, Qualifier: str = "") -> dict[str, Any]:  # noqa: N803 - boto3's
        if self.is_gone and "worker" in FunctionName:
            raise Gone
        worker = f"mcp_worker:{self.workers[Qualifier]}" if Qualifier in self.workers else ""
        return {"Environment": {"Variables": {"WORKER_FUNCTION": worker}}}

    def list_durable_executions_by_function(
        self,
        Qualifier: str,  # noqa: N803 - boto3's own names
        **asked: Any,
    ) -> dict[str, Any]:
        return {"DurableExecutions": [{"Status": "RUNNING"}] if Qualifier in self.working else []}

    def get_alias(self, **asked: Any) -> dict[str, str]:
        return {"FunctionVersion": str(self.live)}

    def update_alias(self, FunctionVersion: str, **asked: Any) -> None:  # noqa: N803 - boto3's own names
        self.live = int(FunctionVersion)

    def delete_function(self, Qualifier: str, **asked: Any) -> None:  # noqa: N803 - boto3's
        self.deleted.append(Qualifier)

    def get_paginator(self, name: str) -> "Lambda":
        return self

    def paginate(self, **asked: Any) -> list[dict[str, list[dict[str, str]]]]:
        return [{"Versions": [{"Version": each} for each in page]} for page in (["$LATEST", "1", "2"], ["3", "4"])]


def test_old_versions_go_but_for_the_one_to_go_back_to() -> None:
    aws = Lambda(live=4)

    prune(aws, "mcp")

    assert aws.deleted == ["1", "2"]


def test_a_version_of_the_worker_stays_until_its_work_has_ended() -> None:
    aws = Lambda(live=4)
    aws.working = {"1"}

    prune_worker(aws, "mcp_worker", "mcp")

    assert aws.deleted == ["2", "3"]


def test_a_version_of_the_worker_stays_while_a_version_of_the_function_begins_work_in_it() -> None:
    aws = Lambda(live=4)
    aws.workers = {"3": "2", "4": "4"}

    prune_worker(aws, "mcp_worker", "mcp")

    assert aws.deleted == ["1", "3"]


def test_going_back_to_before_the_worker_was_deleted_says_so() -> None:
    aws = Lambda(live=4)
    aws.workers = {"3": "2", "4": "4"}

    assert rollback(aws, "mcp") == "version 3 is live, not 4"
    aws.live, aws.is_gone = 4, True
    assert "mcp_worker:2 is gone, so its background tools begin no work" in rollback(aws, "mcp")


@pytest.mark.parametrize(("to", "live"), [("", 3), ("2", 2), ("4", 4)])
def test_going_back_is_to_the_version_before_or_a_chosen_one(to: str, live: int) -> None:
    aws = Lambda(live=4)

    rollback(aws, "mcp", to)

    assert aws.live == live


@pytest.mark.parametrize(("live", "to"), [(1, ""), (4, "9")])
def test_there_is_no_going_back_to_a_version_that_is_gone(live: int, to: str) -> None:
    with pytest.raises(InvalidDeployment):
        rollback(Lambda(live), "mcp", to)


def test_nothing_is_deleted_by_a_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIRM", "yes")

    with pytest.raises(InvalidDeployment, match="nothing was deleted"):
        confirm("workos-mcp-lambda-dev")
