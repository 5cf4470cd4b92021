"""Run AWS SAM, from the environment that is its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from infra.deploy.deployment import REPOSITORY, InvalidDeployment

_SAM = REPOSITORY / ".venv-deploy" / "sam" / "bin" / "sam"
# sam is another Python program with other versions of our packages, and calls make in turn.
_NOT_PASSED_ON = ("PYTHONPATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")


def run_sam(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Raises subprocess.CalledProcessError if sam fails, which has then said why."""
    passed = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    passed.update({"SAM_CLI_TELEMETRY": "0", **(environment or {})})
    subprocess.run([str(_SAM), *arguments], cwd=REPOSITORY, env=passed, check=True)


def exit_status(command: Callable[[], None]) -> int:
    """Of a command: what is the operator's to mend is told without a traceback."""
    try:
        command()
    except InvalidDeployment as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    return 0
