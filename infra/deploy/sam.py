"""Run AWS SAM, from the environment that is its own, and reach AWS beside it, in the deployment's region."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.deployment import REPOSITORY, Deployment, InvalidDeployment

_SAM = REPOSITORY / ".venv-deploy" / "sam" / "bin" / "sam"
# sam is another Python program with other versions of our packages, and calls make in turn.
_NOT_PASSED_ON = ("PYTHONPATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")


def run_sam(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Raises subprocess.CalledProcessError if sam fails, which has then said why."""
    passed = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    passed.update({"SAM_CLI_TELEMETRY": "0", **(environment or {})})
    subprocess.run([str(_SAM), *arguments], cwd=REPOSITORY, env=passed, check=True)


def aws_client(service: str, deployment: Deployment) -> Any:
    """A client in the region of the deployment, whatever the shell says.

    Raises:
        InvalidDeployment: nothing names a region, or the profile cannot be used.
    """
    import boto3

    region = deployment.require_region()
    try:
        return boto3.client(service, region_name=region.name)
    except (BotoCoreError, ValueError) as error:
        raise InvalidDeployment(f"AWS cannot be asked in {region}: {error}") from None


def exit_status(command: Callable[[], None]) -> int:
    """Of a command: what is the operator's to mend is told without a traceback."""
    try:
        command()
    except (InvalidDeployment, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    return 0
