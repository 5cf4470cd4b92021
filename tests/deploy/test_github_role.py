"""The role by which GitHub deploys: it may deploy its stage, and an attacker who holds it gets no further."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.blocks import ROOT
from tests.deploy.policy import Filled, Request, Statement, is_allowed, listed

FILE = ROOT / "infra/deploy/github-role.yaml"
ACCOUNT, REGION = "123456789012", "eu-central-1"
APP, STAGE, API = "workos-mcp-lambda", "dev", "devapi1234"
NAME = f"{APP}-{STAGE}"
BUCKET = "aws-sam-cli-managed-default-samclisourcebucket-a1b2"


def role(app: str = APP, stage: str = STAGE, api: str = API, **more: str) -> Filled:
    names = {"AppName": app, "Stage": stage, "ApiId": api, "UploadsBucket": BUCKET}
    return Filled(FILE, Repository="acme/mcp", **names, **more)


DEV = role()
BOUNDARY: list[Statement] = DEV.properties("Boundary")["PolicyDocument"]["Statement"]
OWN_BOUNDARY = {"iam:PermissionsBoundary": "Boundary"}
VIA_CLOUDFORMATION = {"aws:CalledVia": ["cloudformation.amazonaws.com", "apigateway.amazonaws.com"]}
TO_LAMBDA = {"iam:PassedToService": "lambda.amazonaws.com"}
IN_THE_ACCOUNT = {"s3:ResourceAccount": ACCOUNT}
EVERYTHING_RIGHT = {
    **OWN_BOUNDARY,
    **VIA_CLOUDFORMATION,
    **TO_LAMBDA,
    **IN_THE_ACCOUNT,
    "lambda:Principal": "apigateway.amazonaws.com",
}
"""A context in which no condition denies: what is denied then is denied by its name."""


def arn(service: str, rest: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{rest}"


def allowed(action: str, resource: str, context: Any = None, filled: Filled = DEV) -> bool:
    return is_allowed(Request(action, resource, context or {}), filled.statements_of_role("DeployRole"))


FUNCTION = arn("lambda", f"function:{NAME}")
WORKER = arn("lambda", f"function:{NAME}_worker")
ROLE = arn("iam", f"role/{APP}/{STAGE}/{NAME}-FunctionRole-X1Y2", region="")
STACK = arn("cloudformation", f"stack/{NAME}/0f0f")
LOGS = arn("logs", f"log-group:/aws/lambda/{NAME}")
TABLE = arn("dynamodb", f"table/{NAME}-quota")
ALARM = arn("cloudwatch", f"alarm:{APP}/{STAGE}/5xx")
UPLOAD = f"arn:aws:s3:::{BUCKET}/{NAME}/0123abcd"
APIS = f"arn:aws:apigateway:{REGION}::/apis"
ITS_API = f"{APIS}/{API}"
CANARY = f"{NAME}-ServerlessDeploymentApplication-A1"
GROUP = arn("codedeploy", f"deploymentgroup:{CANARY}/{NAME}-McpFunctionDeploymentGroup-B2")
GRADUAL = arn("codedeploy", "deploymentconfig:CodeDeployDefault.LambdaCanary10Percent5Minutes")
SAM_TRANSFORM = arn("cloudformation", "transform/Serverless-2016-10-31", account="aws")
SAM_STACK = arn("cloudformation", "stack/aws-sam-cli-managed-default/1")
TO_CODEDEPLOY = {"iam:PassedToService": "codedeploy.amazonaws.com"}

DEPLOYMENT = [
    ("cloudformation:DescribeStacks", STACK, {}),
    ("cloudformation:CreateChangeSet", STACK, {}),
    ("cloudformation:CreateChangeSet", SAM_TRANSFORM, {}),
    ("cloudformation:DescribeChangeSet", STACK, {}),
    ("cloudformation:ExecuteChangeSet", STACK, {}),
    ("cloudformation:DescribeStackEvents", STACK, {}),
    ("cloudformation:DescribeStacks", SAM_STACK, {}),
    ("s3:PutObject", UPLOAD, IN_THE_ACCOUNT),
    ("s3:GetObject", UPLOAD, IN_THE_ACCOUNT),
    ("lambda:CreateFunction", FUNCTION, {}),
    ("lambda:UpdateFunctionCode", FUNCTION, {}),
    ("lambda:UpdateFunctionConfiguration", FUNCTION, {}),
    ("lambda:PublishVersion", FUNCTION, {}),
    ("lambda:UpdateAlias", f"{FUNCTION}:live", {}),
    ("lambda:UpdateAlias", FUNCTION, {}),
    ("lambda:ListVersionsByFunction", FUNCTION, {}),
    ("lambda:DeleteFunction", f"{FUNCTION}:3", {}),
    ("lambda:InvokeFunction", f"{FUNCTION}:live", {}),
    ("lambda:AddPermission", f"{FUNCTION}:live", {"lambda:Principal": "apigateway.amazonaws.com"}),
    ("lambda:CreateFunction", WORKER, {}),
    ("lambda:UpdateAlias", f"{WORKER}:live", {}),
    ("lambda:InvokeFunction", f"{WORKER}:live", {}),
    ("lambda:PutFunctionEventInvokeConfig", f"{WORKER}:live", {}),
    ("lambda:ListDurableExecutionsByFunction", WORKER, {}),
    ("iam:CreateRole", ROLE, OWN_BOUNDARY),
    ("iam:PutRolePolicy", ROLE, OWN_BOUNDARY),
    ("iam:PutRolePermissionsBoundary", ROLE, OWN_BOUNDARY),
    ("iam:GetRole", ROLE, {}),
    ("iam:PassRole", ROLE, TO_LAMBDA),
    ("iam:PassRole", ROLE, TO_CODEDEPLOY),
    ("codedeploy:CreateDeployment", GROUP, {}),
    ("codedeploy:GetDeploymentConfig", GRADUAL, {}),
    ("apigateway:PATCH", f"{ITS_API}/stages/$default", {}),
    ("apigateway:GET", ITS_API, {}),
    ("logs:PutRetentionPolicy", LOGS, {}),
    ("logs:PutMetricFilter", LOGS, {}),
    ("logs:PutMetricFilter", f"{LOGS}:*", {}),
    ("logs:DescribeLogGroups", "*", {}),
    ("logs:UpdateLogDelivery", "*", VIA_CLOUDFORMATION),
    ("dynamodb:CreateTable", TABLE, {}),
    ("cloudwatch:PutMetricAlarm", ALARM, {}),
    ("cloudwatch:PutMetricAlarm", ALARM, {"cloudwatch:AlarmActions": [arn("sns", "ops")]}),
    ("cloudwatch:PutDashboard", arn("cloudwatch", f"dashboard/{NAME}", region=""), {}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "resource", "context"), DEPLOYMENT)
def test_a_deployment_may_do_what_it_does(action: str, resource: str, context: Any) -> None:
    assert allowed(action, resource, context)


ADMIN = arn("iam", "policy/AdministratorAccess", region="", account="aws")
DEPLOY_ROLE = arn("iam", "role/deploy/workos-mcp-lambda-dev-github-DeployRole-X1", region="")
BOUNDARY_POLICY = arn("iam", f"policy/boundaries/{APP}/{STAGE}/Boundary-X1", region="")
GITHUB_STACK = arn("cloudformation", f"stack/{NAME}-github/1")
INCLUDE = arn("cloudformation", "transform/Include", account="aws")
TO_CLOUDFORMATION = {"iam:PassedToService": "cloudformation.amazonaws.com"}
PROVIDER = arn("iam", "oidc-provider/token.actions.githubusercontent.com", region="")
OTHER_ACCOUNT = "9" * 12
VIA_ATHENA = {"aws:CalledVia": ["athena.amazonaws.com"]}
TERMINATES = {"cloudwatch:AlarmActions": [arn("sns", "ops"), f"arn:aws:automate:{REGION}:ec2:terminate"]}
TELLS_OTHERS = {"cloudwatch:AlarmActions": [arn("sns", "x", account=OTHER_ACCOUNT)]}
PROD_ROLE = arn("iam", f"role/{APP}/prod/{APP}-prod-FunctionRole-X", region="")

ESCALATIONS = [
    ("makes a role without a boundary", "iam:CreateRole", ROLE, {}),
    ("makes a role with a boundary of its own", "iam:CreateRole", ROLE, {"iam:PermissionsBoundary": ADMIN}),
    ("gives a role without a boundary everything", "iam:PutRolePolicy", ROLE, {}),
    ("changes the boundary of a role", "iam:PutRolePermissionsBoundary", ROLE, {"iam:PermissionsBoundary": ADMIN}),
    ("takes the boundary from a role", "iam:DeleteRolePermissionsBoundary", ROLE, OWN_BOUNDARY),
    ("attaches a policy of AWS", "iam:AttachRolePolicy", ROLE, {**OWN_BOUNDARY, "iam:PolicyARN": ADMIN}),
    ("lets somebody else into a role", "iam:UpdateAssumeRolePolicy", ROLE, OWN_BOUNDARY),
    ("widens itself", "iam:PutRolePolicy", DEPLOY_ROLE, OWN_BOUNDARY),
    ("widens itself by a policy of AWS", "iam:AttachRolePolicy", DEPLOY_ROLE, {"iam:PolicyARN": ADMIN}),
    ("opens itself", "iam:UpdateAssumeRolePolicy", DEPLOY_ROLE, {}),
    ("rewrites the boundary", "iam:CreatePolicyVersion", BOUNDARY_POLICY, {}),
    ("makes an older boundary the valid one", "iam:SetDefaultPolicyVersion", BOUNDARY_POLICY, {}),
    ("changes the stack that holds it", "cloudformation:CreateChangeSet", GITHUB_STACK, {}),
    ("gives CloudFormation a stronger role", "iam:PassRole", ROLE, TO_CLOUDFORMATION),
    ("gives its function a stronger role", "iam:PassRole", arn("iam", "role/Admin", region=""), TO_LAMBDA),
    ("gives its function prod's role", "iam:PassRole", PROD_ROLE, TO_LAMBDA),
    ("gives its function the deploying role", "iam:PassRole", DEPLOY_ROLE, TO_LAMBDA),
    ("assumes another role", "sts:AssumeRole", arn("iam", "role/Admin", region=""), {}),
    ("makes a user", "iam:CreateUser", arn("iam", "user/eve", region=""), {}),
    ("makes a key", "iam:CreateAccessKey", arn("iam", "user/ada", region=""), {}),
    ("lets others log in", "iam:AddClientIDToOpenIDConnectProvider", PROVIDER, {}),
    ("makes a service-linked role", "iam:CreateServiceLinkedRole", DEPLOY_ROLE, {}),
    ("makes another stack", "cloudformation:CreateChangeSet", arn("cloudformation", "stack/eve/1"), {}),
    ("runs another transform", "cloudformation:CreateChangeSet", INCLUDE, {}),
    ("makes a function of another name", "lambda:CreateFunction", arn("lambda", "function:eve"), {}),
    ("feeds its function", "lambda:CreateEventSourceMapping", arn("lambda", "event-source-mapping:x"), {}),
]  # fmt: skip
EXPOSURES = [
    ("opens its function to the world", "lambda:AddPermission", FUNCTION, {"lambda:Principal": "*"}),
    ("opens it to another account", "lambda:AddPermission", FUNCTION, {"lambda:Principal": "999999999999"}),
    ("gives its function a URL without a gateway", "lambda:CreateFunctionUrlConfig", FUNCTION, {}),
    ("reads its audit records", "logs:FilterLogEvents", LOGS, {}),
    ("reads them in another way", "logs:StartQuery", f"{LOGS}:*", {}),
    ("sends them elsewhere", "logs:PutSubscriptionFilter", LOGS, {}),
    ("deletes them", "logs:DeleteLogGroup", LOGS, {}),
    ("reads its secrets", "ssm:GetParameter", arn("ssm", f"parameter/{APP}/{STAGE}/workos-api-key"), {}),
    ("reads prod's secrets", "ssm:GetParameter", arn("ssm", f"parameter/{APP}/prod/workos-api-key"), {}),
    ("decrypts", "kms:Decrypt", arn("kms", "key/k"), {}),
    ("reads what its quota counted", "dynamodb:Scan", TABLE, {}),
    ("resets what its quota counted", "dynamodb:PutItem", TABLE, {}),
    ("stops machines by an alarm", "cloudwatch:PutMetricAlarm", ALARM, TERMINATES),
    ("tells a topic of another account", "cloudwatch:PutMetricAlarm", ALARM, TELLS_OTHERS),
    ("uploads to another account", "s3:PutObject", UPLOAD, {"s3:ResourceAccount": OTHER_ACCOUNT}),
    ("lists all uploads", "s3:ListBucket", f"arn:aws:s3:::{BUCKET}", IN_THE_ACCOUNT),
    ("opens the bucket", "s3:PutBucketPolicy", f"arn:aws:s3:::{BUCKET}", IN_THE_ACCOUNT),
    ("deletes the bucket", "s3:DeleteBucket", f"arn:aws:s3:::{BUCKET}", IN_THE_ACCOUNT),
    ("changes the stack of the bucket", "cloudformation:CreateChangeSet", SAM_STACK, {}),
    ("ends prod's access log", "logs:DeleteLogDelivery", "*", {}),
    ("ends it through another service", "logs:DeleteLogDelivery", "*", VIA_ATHENA),
    ("opens log groups of the account", "logs:PutResourcePolicy", "*", VIA_CLOUDFORMATION),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [pytest.param(*row[1:], id=row[0]) for row in (*ESCALATIONS, *EXPOSURES)],
)
def test_who_holds_the_role_cannot(action: str, resource: str, context: Any) -> None:
    assert not allowed(action, resource, context)


OTHERS = [
    (APP, "prod", "prodapi123"),
    (APP, "dev2", "dev2api123"),
    (APP, "dev-2", "dev-2api12".replace("-", "")),
    (APP, "development", "api1234567"),
    (f"{APP}-{STAGE}", "x", "otherapi12"),
    (f"{APP}x", STAGE, "xapi123456"),
    ("billing", STAGE, "billingapi"),
    # An id that begins alike.
    (APP, "staging", f"{API}9"),
]
SHARED = {
    *("logs:DescribeIndexPolicies", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies"),
    *("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:GetLogDelivery"),
    *("logs:ListLogDeliveries", "logs:UpdateLogDelivery", "codedeploy:GetDeploymentConfig"),
}
"""What AWS gives no narrower resource, docs/deploy-from-github.md has them too, and what is AWS's own."""


def requests_of(filled: Filled) -> Iterator[tuple[str, str]]:
    for statement in filled.statements_of_role("DeployRole"):
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                yield action, resource.replace("*", "x")


@pytest.mark.matrix
@pytest.mark.parametrize(("app", "stage", "api"), OTHERS)
def test_nothing_of_another_stage_or_application_is_within_reach(app: str, stage: str, api: str) -> None:
    both_use = ("stack/aws-sam-cli-managed-default/", "transform/Serverless-2016-10-31")

    reached = [
        (action, resource)
        for action, resource in requests_of(role(app, stage, api))
        if action not in SHARED
        and not any(each in resource for each in both_use)
        and allowed(action, resource, EVERYTHING_RIGHT)
    ]

    assert reached == []


@pytest.mark.broad
@pytest.mark.matrix
@pytest.mark.parametrize("api", ["", "prodapi123"])
def test_without_its_id_no_api_is_within_reach(api: str) -> None:
    for resource in (APIS, f"{APIS}/", f"{APIS}/{api}", f"{APIS}/{api}/routes/r", f"{APIS}/*"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            assert not allowed(f"apigateway:{method}", resource, EVERYTHING_RIGHT, role(api=""))
            assert not allowed(f"apigateway:{method}", resource, EVERYTHING_RIGHT)


@pytest.mark.parametrize("pattern", ["*", "a*", "/apis/x", "A1B2C3", "abc", "abcd?"])
def test_the_id_of_an_api_is_no_pattern(pattern: str) -> None:
    parameter = yaml.safe_load(re.sub(r"!\w+", "", FILE.read_text()))["Parameters"]["ApiId"]

    assert not re.fullmatch(parameter["AllowedPattern"], pattern)
    assert re.fullmatch(parameter["AllowedPattern"], "a1b2c3d4e5")


def test_only_the_repositorys_environment_of_the_same_name_may_log_in() -> None:
    (statement,) = DEV.properties("DeployRole")["AssumeRolePolicyDocument"]["Statement"]
    issuer = "token.actions.githubusercontent.com"

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}
    # StringEquals: no pattern lets in a fork, a branch or an environment whose name begins alike.
    assert statement["Condition"] == {
        "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": "repo:acme/mcp:environment:dev"}
    }


TEMPLATE = ROOT / "template.yaml"
EVERY_ROLE = {
    "QuotaPerUser": "1",
    "Canary": "true",
    "SubnetIds": "subnet-01234567",
    "SecurityGroupIds": "sg-01234567",
    "PermissionsBoundary": "arn:aws:iam::123456789012:policy/b",
}


@pytest.mark.parametrize("name", ["FunctionRole", "CanaryRole"])
@pytest.mark.parametrize("vpc", ["true", "false"])
def test_what_the_stages_roles_need_is_within_the_boundary(name: str, vpc: str) -> None:
    given = EVERY_ROLE | ({} if vpc == "true" else {"SubnetIds": "", "SecurityGroupIds": ""})
    stage = Filled(TEMPLATE, **given)
    boundary = role(UsesVpc=vpc).properties("Boundary")["PolicyDocument"]["Statement"]
    statements = stage.statements_of_role(name)
    context = {
        "kms:ViaService": f"ssm.{REGION}.amazonaws.com",
        "kms:EncryptionContext:PARAMETER_ARN": arn("ssm", f"parameter/{APP}/{STAGE}/workos-api-key"),
    }

    requests = [
        Request(action, resource.replace("*", "x"), context)
        for each in statements
        if each["Effect"] == "Allow"
        for action in listed(each["Action"])
        for resource in listed(each["Resource"])
    ]

    assert requests
    assert [each for each in requests if not is_allowed(each, statements, boundary)] == []
    properties = stage.properties(name)
    assert (properties["Path"], properties["PermissionsBoundary"]) == (
        f"/{APP}/{STAGE}/",
        EVERY_ROLE["PermissionsBoundary"],
    )
    assert "ManagedPolicyArns" not in properties


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateUser", arn("iam", "user/eve", region="")),
        ("iam:PutRolePolicy", ROLE),
        ("sts:AssumeRole", arn("iam", "role/Admin", region="")),
        ("ssm:GetParameter", arn("ssm", f"parameter/{APP}/prod/workos-api-key")),
        ("ssm:GetParameter", arn("ssm", f"parameter/{APP}/dev-2/workos-api-key")),
        ("ssm:PutParameter", arn("ssm", f"parameter/{APP}/dev/workos-api-key")),
        ("kms:Decrypt", arn("kms", "key/k")),
        ("s3:GetObject", UPLOAD),
        ("lambda:UpdateFunctionCode", FUNCTION),
        ("lambda:UpdateAlias", arn("lambda", f"function:{APP}-prod:live")),
        ("dynamodb:Scan", TABLE),
        ("logs:FilterLogEvents", LOGS),
        ("ec2:CreateNetworkInterface", "*"),
        ("ec2:TerminateInstances", arn("ec2", "instance/i-1")),
    ],
)
def test_a_role_that_was_given_everything_stays_within_the_boundary(action: str, resource: str) -> None:
    everything: list[Statement] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]

    assert not is_allowed(Request(action, resource, EVERYTHING_RIGHT), everything, BOUNDARY)


def test_in_a_vpc_lambda_may_attach_the_function_and_the_code_in_it_may_not() -> None:
    everything: list[Statement] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    boundary = role(UsesVpc="true").properties("Boundary")["PolicyDocument"]["Statement"]
    own = Filled(TEMPLATE, **EVERY_ROLE).statements_of_role("FunctionRole")
    by_code = {"lambda:SourceFunctionArn": FUNCTION}

    for statements in (everything, own):
        assert is_allowed(Request("ec2:CreateNetworkInterface", "*", {}), statements, boundary)
        assert not is_allowed(Request("ec2:CreateNetworkInterface", "*", by_code), statements, boundary)
    assert not is_allowed(Request("ec2:CreateNetworkInterface", "*", {}), everything, BOUNDARY)


def test_the_policies_fit_into_what_iam_takes_with_the_longest_names() -> None:
    longest = role("a" * 40, "s" * 16, "i" * 32, StackName="n" * 128, UsesVpc="true")
    inline = json.dumps(longest.statements_of_role("DeployRole"), separators=(",", ":"))
    boundary = json.dumps(longest.properties("Boundary")["PolicyDocument"], separators=(",", ":"))

    # IAM quotas: 10,240 characters of inline policies in a role, 6,144 in a managed policy.
    assert len(inline) < 10_240
    assert len(boundary) < 6_144


def test_every_template_is_linted_and_scanned() -> None:
    tracked = [
        each
        for pattern in ("*.yaml", "*.yml", "*.json", "infra/**/*.yaml", "infra/**/*.yml", "infra/**/*.json")
        for each in ROOT.glob(pattern)
        if "AWSTemplateFormatVersion" in each.read_text()
    ]
    names = {each.relative_to(ROOT).as_posix() for each in tracked}

    assert names >= {"template.yaml", "infra/deploy/github-role.yaml"}
    assert set(_yaml("cfn-lint.yaml")["templates"]) == names
    assert set(_yaml("checkov.yaml")["file"]) == names


def _yaml(name: str) -> Any:
    return yaml.safe_load(Path(ROOT / "infra/deploy" / name).read_text())
