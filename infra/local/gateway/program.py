"""What runs in an environment, and all that it sees of the machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """What runs in an environment: a module with a function `handler`, and all the variables it sees."""

    module: str
    folder: Path
    variables: Mapping[str, str]

    @property
    def package(self) -> Path:
        """The folder of the function's own code; that of its only module if it has no package."""
        return self.folder / self.module.partition(".")[0]

    @property
    def process_variables(self) -> dict[str, str]:
        """Nothing else of the developer's shell reaches the function, as nothing would on Lambda."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "AWS_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1,localhost",
            **inherited,
            **self.variables,
            "PYTHONPATH": str(self.folder),
            # Lambda's code is read-only. Here, a file saved twice within a second with the same size
            # would be taken for its old bytecode.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_FUNCTION_NAME": "local",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        }
