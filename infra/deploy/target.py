"""The target of the artefact: one Python version and one processor, the same as in template.yaml's parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

# Both runtimes use Amazon Linux 2023, which has glibc 2.34.
_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}


class InvalidTarget(Exception):
    """RUNTIME or ARCHITECTURE names a target that cannot be built; the message names the choices."""


@dataclass(frozen=True, slots=True)
class Target:
    python_version: str
    platform: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read RUNTIME and ARCHITECTURE; without them the target has the template's defaults.

        BUILD_RUNTIME overrides RUNTIME for a local AWS, which runs the function with its own Python.

        Raises:
            InvalidTarget: if a variable has another value than those that can be built.
        """
        runtime = environment.get("BUILD_RUNTIME") or environment.get("RUNTIME") or "python3.13"
        architecture = environment.get("ARCHITECTURE") or "arm64"
        if not re.fullmatch(r"python3\.\d+", runtime):
            raise InvalidTarget(f"RUNTIME is {runtime}; it must be like python3.13")
        if architecture not in _PLATFORMS:
            raise InvalidTarget(f"ARCHITECTURE is {architecture}; it must be {' or '.join(_PLATFORMS)}")
        return cls(runtime.removeprefix("python"), _PLATFORMS[architecture])
