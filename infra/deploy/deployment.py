"""One stage's deployment: its section of samconfig.toml, and what the shell says on top."""

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SAMCONFIG = REPOSITORY / "samconfig.toml"

# The function's settings under their own names, and what the artefact is built for.
_FROM_SHELL = {
    "WORKOS_AUTHKIT_DOMAIN": "AuthKitDomain",
    "WORKOS_CLIENT_ID": "WorkOSClientId",
    "WORKOS_BASE_URL": "WorkOSApiUrl",
    "BASE_URL": "BaseUrl",
    "RUNTIME": "Runtime",
    "ARCHITECTURE": "Architecture",
}
_REQUIRED = {"AuthKitDomain": "WORKOS_AUTHKIT_DOMAIN", "WorkOSClientId": "WORKOS_CLIENT_ID"}


class InvalidDeployment(Exception):
    """The stage is unknown or says too little; the message says what to write where."""


@dataclass(frozen=True, slots=True)
class Deployment:
    stage: str
    stack_name: str
    s3_prefix: str
    parameters: Mapping[str, str]

    @property
    def overrides(self) -> list[str]:
        """The parameters as sam takes them: quoted, for values with spaces in them."""
        return [f'{name}="{_escaped(value)}"' for name, value in self.parameters.items()]

    def released_as(self, release: str) -> "Deployment":
        return replace(self, parameters={**self.parameters, "Release": release})

    def require_parameters(self) -> None:
        """Complain now: CloudFormation does only after the upload.

        Raises:
            InvalidDeployment: naming each parameter that is missing.
        """
        missing = [
            f"{name} is not set: set {variable}, or write it to parameter_overrides of "
            f"[{self.stage}.deploy.parameters] in samconfig.toml"
            for name, variable in _REQUIRED.items()
            if not self.parameters.get(name)
        ]
        if missing:
            raise InvalidDeployment("\n".join(missing))


def read_deployment(environment: Mapping[str, str], file: Path = SAMCONFIG) -> Deployment:
    """The deployment of STAGE; PARAMETERS="Name=value ..." wins over the other variables, they over the file.

    Raises:
        InvalidDeployment: if the file has no such stage, or a parameter is no Name=value.
    """
    stage = environment.get("STAGE") or "dev"
    section = tomllib.loads(file.read_text()).get(stage, {}).get("deploy", {}).get("parameters")
    if section is None:
        raise InvalidDeployment(f"samconfig.toml has no [{stage}.deploy.parameters]: copy those of dev")
    given = section.get("parameter_overrides", [])
    parameters = {
        **_pairs(given if isinstance(given, str) else " ".join(given)),
        **{name: environment[variable] for variable, name in _FROM_SHELL.items() if environment.get(variable)},
        **_pairs(environment.get("PARAMETERS", "")),
    }
    return Deployment(stage, section["stack_name"], section["s3_prefix"], parameters)


def _pairs(text: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in shlex.split(text)]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise InvalidDeployment(f"{wrong[0]} is no parameter: write Name=value")
    return {name: value for name, _, value in pairs}


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
