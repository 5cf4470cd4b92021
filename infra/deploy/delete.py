"""Take a stage down and leave nothing: `python -m infra.deploy.delete`, asked for twice."""

import os
import sys

from botocore.exceptions import ClientError

from infra.deploy.deployment import SAMCONFIG, Deployment, InvalidDeployment, read_deployment
from infra.deploy.outputs import outputs, uploads_bucket
from infra.deploy.sam import aws_client, exit_status, run_sam


def delete(deployment: Deployment) -> None:
    """What was uploaded for the stack, its secrets in SSM, and last the stack with its logs.

    The stack names the rest: while it stands, an attempt that failed half-way can be made again.

    Raises:
        InvalidDeployment: something could not be deleted.
    """
    path = outputs(deployment)["SecretsPath"]
    try:
        delete_secrets(deployment, path)
        delete_uploads(deployment)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise InvalidDeployment(f"{error.operation_name} answers {code}; mend that and say it again") from None
    run_sam(
        "delete",
        *("--config-file", str(SAMCONFIG), "--config-env", deployment.stage),
        *("--stack-name", deployment.stack_name, "--region", deployment.require_region().name, "--no-prompts"),
        environment=deployment.require_region().variables,
    )


def delete_secrets(deployment: Deployment, path: str) -> None:
    """What CloudFormation cannot create it does not delete."""
    ssm = aws_client("ssm", deployment)
    for page in ssm.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True):
        for parameter in page["Parameters"]:
            ssm.delete_parameter(Name=parameter["Name"])


def delete_uploads(deployment: Deployment) -> None:
    """Artefacts of every deployment, old ones too. SAM's bucket itself is shared with other stacks and stays."""
    s3, bucket = aws_client("s3", deployment), uploads_bucket(deployment)
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{deployment.s3_prefix}/")
    for page in pages:
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


def confirm(stack_name: str) -> None:
    """Raises InvalidDeployment unless CONFIRM, or a person at the terminal, repeats the stack's name."""
    said = os.environ.get("CONFIRM")
    if said is None and sys.stdin.isatty():
        said = input(f"This deletes {stack_name} with its logs and secrets. Type {stack_name} to go on: ")
    if said != stack_name:
        raise InvalidDeployment(f"nothing was deleted: say CONFIRM={stack_name}")


def main() -> None:
    deployment = read_deployment(os.environ)
    print(f"Region {deployment.require_region()}", flush=True)
    confirm(deployment.stack_name)
    delete(deployment)
    print(
        f"{deployment.stack_name} is gone, with its logs, secrets and uploads; WorkOS keeps its resource indicator"
    )


if __name__ == "__main__":
    sys.exit(exit_status(main))
