"""Run AWS SAM from its own environment, and make AWS clients for the same region."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.deployment import REPOSITORY, Deployment, InvalidDeployment

_SAM = REPOSITORY / ".venv-deploy" / "sam" / "bin" / "sam"
# sam has its own versions of our packages and runs make itself, so these variables must not reach it.
_HIDDEN_FROM_SAM = ("PYTHONPATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")


def run_sam(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Run sam.

    Raises:
        CalledProcessError: if sam fails. It has printed the reason.
    """
    variables = {name: value for name, value in os.environ.items() if name not in _HIDDEN_FROM_SAM}
    variables.update({"SAM_CLI_TELEMETRY": "0", **(environment or {})})
    subprocess.run([str(_SAM), *arguments], cwd=REPOSITORY, env=variables, check=True)


def aws_client(service: str, deployment: Deployment) -> Any:
    """Make a client for the region of the deployment, even if the shell names another one.

    Raises:
        InvalidDeployment: if nothing names a region, or the AWS profile cannot be used.
    """
    import boto3

    region = deployment.require_region()
    try:
        return boto3.client(service, region_name=region.name)
    except (BotoCoreError, ValueError) as error:
        raise InvalidDeployment(f"no AWS client for {region}: {error}") from None


def exit_status(command: Callable[[], None]) -> int:
    """Run a command and return its exit status.

    Errors that the operator can fix are printed without a traceback.
    """
    try:
        command()
    except (InvalidDeployment, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    return 0
