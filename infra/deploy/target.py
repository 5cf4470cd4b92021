"""What the artefact is built for: one Python and one processor, the same that the template is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

# Amazon Linux 2023, which both runtimes stand on, has glibc 2.34.
_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}


class InvalidTarget(Exception):
    """RUNTIME or ARCHITECTURE is none that can be built for; the message names the choices."""


@dataclass(frozen=True, slots=True)
class Target:
    python_version: str
    platform: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The template's defaults, unless RUNTIME and ARCHITECTURE say otherwise.

        BUILD_RUNTIME is for a local AWS, which runs the function with a Python of its own.

        Raises:
            InvalidTarget: naming the variable and what it may be.
        """
        runtime = environment.get("BUILD_RUNTIME") or environment.get("RUNTIME") or "python3.13"
        architecture = environment.get("ARCHITECTURE") or "arm64"
        if not re.fullmatch(r"python3\.\d+", runtime):
            raise InvalidTarget(f"RUNTIME is {runtime}; it must be like python3.13")
        if architecture not in _PLATFORMS:
            raise InvalidTarget(f"ARCHITECTURE is {architecture}; it must be {' or '.join(_PLATFORMS)}")
        return cls(runtime.removeprefix("python"), _PLATFORMS[architecture])
