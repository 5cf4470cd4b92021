"""What is deployed where: samconfig.toml, the shell on top, and the versions behind the alias."""

from pathlib import Path
from typing import Any

import pytest

from infra.deploy.delete import confirm
from infra.deploy.deployment import InvalidDeployment, read_deployment
from infra.deploy.interpreter import find_interpreter
from infra.deploy.target import InvalidTarget, Target
from infra.deploy.versions import prune, rollback

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


def test_what_is_missing_is_named_with_where_to_write_it() -> None:
    with pytest.raises(InvalidDeployment) as refused:
        read_deployment({}).require_parameters()

    for said in ("AuthKitDomain", "WORKOS_CLIENT_ID", "[dev.deploy.parameters]"):
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "said"),
    [({"STAGE": "staging"}, "[staging.deploy.parameters]"), ({"PARAMETERS": "Canary"}, "Canary is no parameter")],
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


class Lambda:
    """Versions 1 to 4, and what was asked of them."""

    def __init__(self, live: int) -> None:
        self.live = live
        self.deleted: list[str] = []

    def get_alias(self, **asked: Any) -> dict[str, str]:
        return {"FunctionVersion": str(self.live)}

    def update_alias(self, FunctionVersion: str, **asked: Any) -> None:  # noqa: N803 - boto3's own names
        self.live = int(FunctionVersion)

    def delete_function(self, Qualifier: str, **asked: Any) -> None:  # noqa: N803
        self.deleted.append(Qualifier)

    def get_paginator(self, name: str) -> "Lambda":
        return self

    def paginate(self, **asked: Any) -> list[dict[str, list[dict[str, str]]]]:
        return [{"Versions": [{"Version": each} for each in page]} for page in (["$LATEST", "1", "2"], ["3", "4"])]


def test_old_versions_go_but_for_the_one_to_go_back_to() -> None:
    aws = Lambda(live=4)

    prune(aws, "mcp")

    assert aws.deleted == ["1", "2"]


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
