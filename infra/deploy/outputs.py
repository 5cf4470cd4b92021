"""The outputs of the deployed stack: `python -m infra.deploy.outputs McpUrl` prints one."""

import os
import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.deployment import Deployment, InvalidDeployment, read_deployment
from infra.deploy.sam import aws_client, exit_status


def outputs(deployment: Deployment) -> dict[str, str]:
    """Raises InvalidDeployment if there is no such stack in the deployment's region, or AWS cannot be asked."""
    return outputs_of(deployment.stack_name, deployment)


def uploads_bucket(deployment: Deployment) -> str:
    """The bucket that sam keeps in each region for the uploads of all stacks.

    Raises:
        InvalidDeployment: there is none yet; the first `make deploy` of an account and region makes it.
    """
    return outputs_of("aws-sam-cli-managed-default", deployment)["SourceBucket"]


def outputs_of(stack: str, deployment: Deployment) -> dict[str, str]:
    """Of any stack in the deployment's region.

    Raises:
        InvalidDeployment: there is no such stack, or AWS cannot be asked.
    """
    region = deployment.require_region()
    try:
        found = aws_client("cloudformation", deployment).describe_stacks(StackName=stack)
    except (ClientError, BotoCoreError) as error:
        said = error.response["Error"]["Message"] if isinstance(error, ClientError) else str(error)
        raise InvalidDeployment(f"{stack} in {region}: {said}") from error
    return {each["OutputKey"]: each["OutputValue"] for each in found["Stacks"][0].get("Outputs", [])}


def main() -> None:
    found = outputs(read_deployment(os.environ))
    if (name := sys.argv[1]) not in found:
        raise InvalidDeployment(f"the stack has no output {name}; it has {', '.join(sorted(found))}")
    print(found[name])


if __name__ == "__main__":
    sys.exit(exit_status(main))
