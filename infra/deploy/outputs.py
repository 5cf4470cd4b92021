"""The outputs of the deployed stack: `python -m infra.deploy.outputs McpUrl` prints one."""

import os
import sys

import boto3
from botocore.exceptions import ClientError

from infra.deploy.deployment import Deployment, InvalidDeployment, read_deployment
from infra.deploy.sam import exit_status


def outputs(deployment: Deployment) -> dict[str, str]:
    """Raises InvalidDeployment if there is no such stack."""
    try:
        found = boto3.client("cloudformation").describe_stacks(StackName=deployment.stack_name)
    except ClientError as error:
        raise InvalidDeployment(f"{deployment.stack_name}: {error.response['Error']['Message']}") from error
    return {each["OutputKey"]: each["OutputValue"] for each in found["Stacks"][0].get("Outputs", [])}


if __name__ == "__main__":
    sys.exit(exit_status(lambda: print(outputs(read_deployment(os.environ))[sys.argv[1]])))
