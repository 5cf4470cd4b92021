"""What SAM's own transform makes of the template with parameters that ministack cannot deploy."""

import json
import subprocess
from typing import Any

import pytest

from tests.blocks import ROOT
from tests.deploy.cloudformation import load_template
from tests.deploy.policy import NO_VALUE, Filled

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
    for name in ("McpFunction", "Worker"):
        template["Resources"][name]["Properties"]["CodeUri"] = "s3://bucket/key"
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


def test_the_function_is_in_the_vpc_that_is_asked_for_and_in_none_by_itself() -> None:
    asked = {"SubnetIds": "subnet-01234567,subnet-89abcdef", "SecurityGroupIds": "sg-01234567"}
    config = transformed(**asked)["McpFunction"]["Properties"]["VpcConfig"]

    assert Filled(ROOT / "template.yaml", **asked).fill(config) == {
        "SubnetIds": ["subnet-01234567", "subnet-89abcdef"],
        "SecurityGroupIds": ["sg-01234567"],
    }
    assert Filled(ROOT / "template.yaml").fill(config) is NO_VALUE


def test_every_role_that_is_made_is_written_in_the_template_where_a_boundary_can_be_set() -> None:
    resources = transformed(Canary="true")
    group = resources["McpFunctionDeploymentGroup"]["Properties"]

    assert {name for name, each in resources.items() if each["Type"] == "AWS::IAM::Role"} == {
        "FunctionRole",
        "WorkerRole",
        "CanaryRole",
    }
    assert "CanaryRole" in json.dumps(group["ServiceRoleArn"])


def test_a_new_release_is_a_new_version_with_a_function_that_differs() -> None:
    first, second = transformed(Release="a" * 64), transformed(Release="b" * 64)

    assert first["McpFunction"]["Properties"]["Description"] != second["McpFunction"]["Properties"]["Description"]
    assert {*first} ^ {*second} == {
        f"{name}Version{letter * 10}" for name in ("McpFunction", "Worker") for letter in "ab"
    }


def test_each_version_of_the_function_begins_work_in_the_worker_of_its_release() -> None:
    """Whoever refers to a resource is made after it, so no version is live before its worker is there."""
    for release in ("a" * 64, "b" * 64):
        resources = transformed(Release=release, BackgroundWork="true")
        (version,) = [name for name in resources if name.startswith("WorkerVersion")]
        (other,) = [name for name in resources if name.startswith("McpFunctionVersion")]

        assert version.removeprefix("WorkerVersion") == other.removeprefix("McpFunctionVersion") == release[:10]
        variables = resources["McpFunction"]["Properties"]["Environment"]["Variables"]
        assert variables["WORKER_FUNCTION"] == {"Fn::If": ["HasWorker", {"Ref": version}, ""]}
        assert resources["WorkerRetries"]["Properties"]["Qualifier"] == {"Fn::GetAtt": [version, "Version"]}
        assert resources[version]["DeletionPolicy"] == "Retain"
