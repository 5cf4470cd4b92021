"""Take a stage down and leave nothing: `python -m infra.deploy.delete`, asked for twice."""

import os
import sys

import boto3
from botocore.exceptions import ClientError

from infra.deploy.deployment import SAMCONFIG, Deployment, InvalidDeployment, read_deployment
from infra.deploy.outputs import outputs
from infra.deploy.sam import exit_status, run_sam


def delete(deployment: Deployment) -> None:
    """What was uploaded for the stack, its secrets in SSM, and last the stack with its logs.

    The stack names the rest: while it stands, an attempt that failed half-way can be made again.

    Raises:
        InvalidDeployment: something could not be deleted.
    """
    path = outputs(deployment)["SecretsPath"]
    try:
        delete_secrets(path)
        delete_uploads(deployment.s3_prefix)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise InvalidDeployment(f"{error.operation_name} answers {code}; mend that and say it again") from None
    run_sam(
        "delete",
        *("--config-file", str(SAMCONFIG), "--config-env", deployment.stage),
        *("--stack-name", deployment.stack_name, "--no-prompts"),
    )


def delete_secrets(path: str) -> None:
    """What CloudFormation cannot create it does not delete."""
    ssm = boto3.client("ssm")
    for page in ssm.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True):
        for parameter in page["Parameters"]:
            ssm.delete_parameter(Name=parameter["Name"])


def delete_uploads(prefix: str) -> None:
    """Artefacts of every deployment, old ones too. SAM's bucket itself is shared with other stacks and stays."""
    stacks = boto3.client("cloudformation").describe_stacks(StackName="aws-sam-cli-managed-default")["Stacks"]
    named = {each["OutputKey"]: each["OutputValue"] for each in stacks[0]["Outputs"]}
    boto3.resource("s3").Bucket(named["SourceBucket"]).object_versions.filter(Prefix=f"{prefix}/").delete()


def confirm(stack_name: str) -> None:
    """Raises InvalidDeployment unless CONFIRM, or a person at the terminal, repeats the stack's name."""
    said = os.environ.get("CONFIRM")
    if said is None and sys.stdin.isatty():
        said = input(f"This deletes {stack_name} with its logs and secrets. Type {stack_name} to go on: ")
    if said != stack_name:
        raise InvalidDeployment(f"nothing was deleted: say CONFIRM={stack_name}")


def main() -> None:
    deployment = read_deployment(os.environ)
    confirm(deployment.stack_name)
    delete(deployment)
    print(
        f"{deployment.stack_name} is gone, with its logs, secrets and uploads; WorkOS keeps its resource indicator"
    )


if __name__ == "__main__":
    sys.exit(exit_status(main))
