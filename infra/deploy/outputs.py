"""Read the outputs of the deployed stack. `python -m infra.deploy.outputs McpUrl` prints one."""

import os
import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.deployment import Deployment, InvalidDeployment, read_deployment
from infra.deploy.sam import aws_client, exit_status


def read_outputs(deployment: Deployment) -> dict[str, str]:
    """Read the outputs of the stage's stack.

    Raises:
        InvalidDeployment: if the region has no such stack, or AWS does not answer.
    """
    return read_stack_outputs(deployment.stack_name, deployment)


def find_uploads_bucket(deployment: Deployment) -> str:
    """Find the bucket that sam uses in this region for the uploads of all stacks.

    Raises:
        InvalidDeployment: if it does not exist yet; the first `make deploy` of an account and region makes it.
    """
    return read_stack_outputs("aws-sam-cli-managed-default", deployment)["SourceBucket"]


def read_stack_outputs(stack: str, deployment: Deployment) -> dict[str, str]:
    """Read the outputs of any stack in the deployment's region.

    Raises:
        InvalidDeployment: if there is no such stack, or AWS does not answer.
    """
    region = deployment.require_region()
    try:
        found = aws_client("cloudformation", deployment).describe_stacks(StackName=stack)
    except (ClientError, BotoCoreError) as error:
        said = error.response["Error"]["Message"] if isinstance(error, ClientError) else str(error)
        raise InvalidDeployment(f"{stack} in {region}: {said}") from error
    return {each["OutputKey"]: each["OutputValue"] for each in found["Stacks"][0].get("Outputs", [])}


def main() -> None:
    found = read_outputs(read_deployment(os.environ))
    if (name := sys.argv[1]) not in found:
        raise InvalidDeployment(f"the stack has no output {name}; it has {', '.join(sorted(found))}")
    print(found[name])


if __name__ == "__main__":
    sys.exit(exit_status(main))
