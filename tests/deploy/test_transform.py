"""What SAM's own transform makes of the template with parameters that ministack cannot deploy."""

import json
import subprocess
from typing import Any

import pytest

from tests.blocks import ROOT
from tests.deploy.cloudformation import load_template

pytestmark = pytest.mark.deploy
_TRANSFORM = """
import json, sys, types
from samtranslator.translator.transform import transform
template, parameters = json.load(sys.stdin)
json.dump(transform(template, parameters, types.SimpleNamespace(load=dict)), sys.stdout)
"""


def transformed(**parameters: str) -> dict[str, Any]:
    """The resources that CloudFormation would be given, as AWS's transform makes them."""
    template = load_template()
    template["Resources"]["McpFunction"]["Properties"]["CodeUri"] = "s3://bucket/key"
    done = subprocess.run(
        [ROOT / ".venv-deploy/sam/bin/python", "-c", _TRANSFORM],
        env={"AWS_DEFAULT_REGION": "us-east-1"},
        input=json.dumps([template, parameters]),
        capture_output=True,
        text=True,
        check=True,
    )
    resources: dict[str, Any] = json.loads(done.stdout)["Resources"]
    return resources


def test_without_canary_nothing_of_codedeploy_is_made() -> None:
    assert not [name for name, each in transformed().items() if "CodeDeploy" in each["Type"]]


def test_canary_shifts_a_tenth_first_and_goes_back_on_an_alarm() -> None:
    resources = transformed(Canary="true")
    group = resources["McpFunctionDeploymentGroup"]["Properties"]

    assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
    assert group["AlarmConfiguration"]["Alarms"] == [
        {"Name": {"Ref": "ServerErrorAlarm"}},
        {"Name": {"Ref": "FunctionErrorAlarm"}},
    ]
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert "CodeDeployLambdaAliasUpdate" in resources["McpFunctionAliaslive"]["UpdatePolicy"]


def test_a_new_release_is_a_new_version_with_a_function_that_differs() -> None:
    first, second = transformed(Release="a" * 64), transformed(Release="b" * 64)

    assert first["McpFunction"]["Properties"]["Description"] != second["McpFunction"]["Properties"]["Description"]
    assert {*first} ^ {*second} == {"McpFunctionVersionaaaaaaaaaa", "McpFunctionVersionbbbbbbbbbb"}
