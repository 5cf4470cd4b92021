"""template.team.yaml, merged into template.yaml: what a team adds is there, and the rest is as it was."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import template as merging
from infra.deploy.deployment import InvalidDeployment
from infra.deploy.template import find_template, merge_templates
from tests.blocks import ROOT, blocks
from tests.deploy.cloudformation import load_template
from tests.upgrade.page import read_steps

OWN = read_steps()["template.team.yaml"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of these two templates."""
    monkeypatch.setattr(merging, "TEAM_TEMPLATE", tmp_path / "template.team.yaml")
    monkeypatch.setattr(merging, "MERGED", tmp_path / "template.merged.yaml")
    return tmp_path


def merged(folder: Path, own: str) -> dict[str, Any]:
    (folder / "template.team.yaml").write_text(own)
    return load_template(find_template())


def test_the_worker_gets_the_key_that_the_documents_write_for_it(folder: Path) -> None:
    (block,) = blocks("yaml", "docs/background-operate.md")
    made, plain = (each["Resources"]["Worker"]["Properties"] for each in (merged(folder, block), load_template()))

    key = made["DurableConfig"].pop("KMSKeyArn")
    assert key.startswith("arn:aws:kms:")
    assert made == plain


def test_the_example_of_the_documents_adds_to_the_function_and_its_role(folder: Path) -> None:
    made, plain = merged(folder, OWN)["Resources"], load_template()["Resources"]

    function, before = made["McpFunction"]["Properties"], plain["McpFunction"]["Properties"]
    variables = function["Environment"]["Variables"]
    own = {"REPORTS_URL": "https://reports.example.com", "REPORTS_TABLE": {"Ref": "ReportsTable"}}
    assert variables == {**before["Environment"]["Variables"], **own}
    assert {**function, "Environment": 0} == {**before, "Environment": 0}
    role, before = made["FunctionRole"]["Properties"], plain["FunctionRole"]["Properties"]
    assert role["Policies"][:-1] == before["Policies"]
    assert role["Policies"][-1]["PolicyDocument"]["Version"] == "2012-10-17"
    assert made.keys() - plain.keys() == {"ReportsTable", "ReportsThrottled"}


def test_background_tools_get_the_same_from_the_team(folder: Path) -> None:
    made, plain = merged(folder, OWN)["Resources"], load_template()["Resources"]

    variables = made["Worker"]["Properties"]["Environment"]["Variables"]
    assert variables.keys() - plain["Worker"]["Properties"]["Environment"]["Variables"].keys() == {
        "REPORTS_URL",
        "REPORTS_TABLE",
    }
    policies = made["WorkerRole"]["Properties"]["Policies"]
    assert policies[:-1] == plain["WorkerRole"]["Properties"]["Policies"]
    assert policies[-1] == made["FunctionRole"]["Properties"]["Policies"][-1]


def test_without_anything_of_the_teams_the_template_is_the_one_that_it_was(folder: Path) -> None:
    assert find_template() == ROOT / "template.yaml"
    (folder / "template.team.yaml").write_text("# nothing yet\nResources: {}\nParameters:\n")
    assert find_template() == ROOT / "template.yaml"
    assert not (folder / "template.merged.yaml").exists()


def test_a_value_of_the_teams_replaces_and_a_function_is_replaced_whole() -> None:
    template = {"Resources": {"A": {"Properties": {"Size": 1, "Name": {"Fn::Sub": "a"}, "Tags": {"a": "b"}}}}}
    own = {"Resources": {"A": {"Properties": {"Size": 2, "Name": {"Ref": "B"}, "Tags": {"c": "d"}}}}}

    properties = merge_templates(template, own)["Resources"]["A"]["Properties"]

    assert properties == {"Size": 2, "Name": {"Ref": "B"}, "Tags": {"a": "b", "c": "d"}}


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("Resource: {A: {}}", "template.team.yaml has Resource, which cannot be merged: use Cond"),
        ("Resources: [", "template.team.yaml is not YAML"),
        ("- Resources", "template.team.yaml is not a template"),
    ],
)
def test_what_cannot_be_merged_is_named(own: str, said: str, folder: Path) -> None:
    with pytest.raises(InvalidDeployment, match=said):
        merged(folder, own)


@pytest.mark.deploy
def test_sam_cfn_lint_and_checkov_accept_the_example(tmp_path: Path) -> None:
    own, made = ROOT / "template.team.yaml", ROOT / "template.merged.yaml"
    before = own.read_text()
    own.write_text(OWN)
    try:
        ran = subprocess.run(["make", "lint-template"], cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        own.write_text(before)
        made.unlink(missing_ok=True)

    assert ran.returncode == 0, ran.stdout + ran.stderr
