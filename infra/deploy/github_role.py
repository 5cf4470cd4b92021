"""Make the role with which GitHub deploys a stage: `python -m infra.deploy.github_role`, with
REPOSITORY=owner/name."""

import os
import re
import sys
from collections.abc import Mapping

from infra.deploy.deployment import REPOSITORY, Deployment, InvalidDeployment, read_deployment
from infra.deploy.outputs import find_uploads_bucket, read_outputs, read_stack_outputs
from infra.deploy.sam import aws_client, exit_status, run_sam

TEMPLATE = REPOSITORY / "infra/deploy/github-role.yaml"
_PROVIDER = "oidc-provider/token.actions.githubusercontent.com"


def stack_name(deployment: Deployment) -> str:
    """The role has a stack of its own, so that it cannot change the stack that defines it."""
    return f"{deployment.stack_name}-github"


def role_parameters(deployment: Deployment, repository: str) -> dict[str, str]:
    """The parameters of github-role.yaml: the exact names of what the stage already has.

    Raises:
        InvalidDeployment: the repository is not owner/name, the stage was never deployed, or AWS cannot be asked.
    """
    if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", repository):
        raise InvalidDeployment("REPOSITORY is the GitHub repository that may deploy: REPOSITORY=acme/mcp")
    if deployment.s3_prefix != deployment.stack_name:
        raise InvalidDeployment(
            f"[{deployment.stage}.deploy.parameters] in samconfig.toml: write s3_prefix = "
            f'"{deployment.stack_name}", as the stack is named: the role may upload below its own name alone'
        )
    return {
        "Repository": repository,
        "AppName": deployment.app_name,
        "Stage": deployment.stage,
        "StackName": deployment.stack_name,
        "ApiId": read_outputs(deployment)["ApiId"],
        "UploadsBucket": find_uploads_bucket(deployment),
        "UsesVpc": "true" if deployment.parameters.get("SubnetIds") else "false",
        "MakeProvider": _makes_provider(deployment),
    }


def _makes_provider(deployment: Deployment) -> str:
    """Keep the choice of an existing stack: changing it to false would delete the provider of that stack."""
    stacks = aws_client("cloudformation", deployment).get_paginator("describe_stacks").paginate()
    for stack in (each for page in stacks for each in page["Stacks"]):
        if stack["StackName"] == stack_name(deployment):
            given = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}
            return str(given.get("MakeProvider", "true"))
    listed = aws_client("iam", deployment).list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return "false" if any(each["Arn"].endswith(_PROVIDER) for each in listed) else "true"


def deploy_role(deployment: Deployment, repository: str) -> dict[str, str]:
    """Make or change the role. Returns the outputs of its stack."""
    parameters = role_parameters(deployment, repository)
    region = deployment.require_region()
    run_sam(
        "deploy",
        *("--template-file", str(TEMPLATE), "--stack-name", stack_name(deployment)),
        *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"),
        *("--tags", f"app={deployment.app_name}", f"stage={deployment.stage}"),
        *("--parameter-overrides", *(f'{name}="{value}"' for name, value in parameters.items() if value)),
        *("--region", region.name),
        environment=region.variables,
    )
    return read_stack_outputs(stack_name(deployment), deployment)


def next_steps(deployment: Deployment, role: Mapping[str, str]) -> str:
    stage, given = deployment.stage, deployment.parameters
    domain, client = given.get("AuthKitDomain", "acme.authkit.app"), given.get("WorkOSClientId", "client_01ABC")
    return f"""
Region    {deployment.require_region()}
Role      {role["RoleArn"]}
Boundary  {role["BoundaryArn"]}

Once, with your own credentials: put the stage's roles within the boundary. CloudFormation keeps the parameter.
  make deploy STAGE={stage} PARAMETERS="PermissionsBoundary={role["BoundaryArn"]}"

In GitHub: an environment {stage}, with branches and reviewers as its rules, and these variables
  gh variable set AWS_ROLE_ARN --env {stage} --body {role["RoleArn"]}
  gh variable set AWS_REGION --env {stage} --body {deployment.require_region().name}
  gh variable set WORKOS_AUTHKIT_DOMAIN --env {stage} --body {domain}
  gh variable set WORKOS_CLIENT_ID --env {stage} --body {client}
"""


def main() -> None:
    deployment = read_deployment(os.environ)
    print(f"Region {deployment.require_region()}", flush=True)
    print(next_steps(deployment, deploy_role(deployment, os.environ.get("REPOSITORY", ""))))


if __name__ == "__main__":
    sys.exit(exit_status(main))
