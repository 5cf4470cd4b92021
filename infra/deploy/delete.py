"""Delete a stage and all that belongs to it: `python -m infra.deploy.delete`, which asks for confirmation."""

import os
import sys

from botocore.exceptions import ClientError

from infra.deploy.deployment import SAMCONFIG, Deployment, InvalidDeployment, read_deployment
from infra.deploy.outputs import find_uploads_bucket, read_outputs
from infra.deploy.sam import aws_client, exit_status, run_sam


def delete(deployment: Deployment) -> None:
    """Delete the stage's secrets in SSM, its uploads, and last the stack with its logs.

    The stack's outputs name the rest. It goes last, so that an attempt that failed half-way can be repeated.

    Raises:
        InvalidDeployment: something could not be deleted.
    """
    path = read_outputs(deployment)["SecretsPath"]
    try:
        delete_secrets(deployment, path)
        delete_uploads(deployment)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise InvalidDeployment(
            f"{error.operation_name} answers {code}; fix that and run the command again"
        ) from None
    run_sam(
        "delete",
        *("--config-file", str(SAMCONFIG), "--config-env", deployment.stage),
        *("--stack-name", deployment.stack_name, "--region", deployment.require_region().name, "--no-prompts"),
        environment=deployment.require_region().variables,
    )


def delete_secrets(deployment: Deployment, path: str) -> None:
    """Delete the secrets, which CloudFormation cannot create and therefore does not delete."""
    ssm = aws_client("ssm", deployment)
    for page in ssm.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True):
        for parameter in page["Parameters"]:
            ssm.delete_parameter(Name=parameter["Name"])


def delete_uploads(deployment: Deployment) -> None:
    """Delete the artefacts of all deployments. SAM's bucket stays, because other stacks use it too."""
    s3, bucket = aws_client("s3", deployment), find_uploads_bucket(deployment)
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{deployment.s3_prefix}/")
    for page in pages:
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


def confirm(stack_name: str) -> None:
    """Require that CONFIRM, or a person at the terminal, repeats the stack's name.

    Raises:
        InvalidDeployment: if it was not repeated.
    """
    answer = os.environ.get("CONFIRM")
    if answer is None and sys.stdin.isatty():
        answer = input(f"This deletes {stack_name} with its logs and secrets. Type {stack_name} to continue: ")
    if answer != stack_name:
        raise InvalidDeployment(f"nothing was deleted: set CONFIRM={stack_name}")


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
