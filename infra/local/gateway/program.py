"""The program of an environment, and the variables that it sees."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """A module with a function `handler`, and all variables that its process gets."""

    module: str
    folder: Path
    variables: Mapping[str, str]

    @property
    def package(self) -> Path:
        """The folder of the function's package, or of its only module if it has no package."""
        return self.folder / self.module.partition(".")[0]

    @property
    def process_variables(self) -> dict[str, str]:
        """The variables of the process. No others of the developer's shell reach it, as on Lambda."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1,localhost",
            **inherited,
            **self.variables,
            "PYTHONPATH": str(self.folder),
            # As on Lambda, where the code is read-only. Also, Python would use old byte code for a file that was
            # saved twice within a second with the same size.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_FUNCTION_NAME": "local",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        }
