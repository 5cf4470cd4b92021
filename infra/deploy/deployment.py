"""The deployment of one stage: its section of samconfig.toml, overridden by variables of the shell."""

import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
SAMCONFIG = Path(os.environ.get("SAMCONFIG") or REPOSITORY / "samconfig.toml")
"""The stages. SAMCONFIG names another file, as the tests do, which do not depend on a team's stages."""

APP_NAME = "workos-mcp-lambda"
"""AppName's default in template.yaml."""
_NAMES = {"AppName": r"(?!aws|ssm)[a-z][a-z0-9-]{1,39}", "Stage": r"[a-z][a-z0-9-]{0,15}"}
"""The patterns of template.yaml, checked here too: `make secrets` runs before it, and must not write under a name
that the template refuses."""

# The function's settings under the names of its variables, and the target of the artefact.
_FROM_SHELL = {
    "APP_NAME": "AppName",
    "WORKOS_AUTHKIT_DOMAIN": "AuthKitDomain",
    "WORKOS_CLIENT_ID": "WorkOSClientId",
    "WORKOS_BASE_URL": "WorkOSApiUrl",
    "BASE_URL": "BaseUrl",
    "PERMISSIONS_BOUNDARY": "PermissionsBoundary",
    "RUNTIME": "Runtime",
    "ARCHITECTURE": "Architecture",
}
_REQUIRED = {"AuthKitDomain": "WORKOS_AUTHKIT_DOMAIN", "WorkOSClientId": "WORKOS_CLIENT_ID"}
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


class InvalidDeployment(Exception):
    """The stage is unknown or incomplete; the message says what to write where."""


@dataclass(frozen=True, slots=True)
class Region:
    name: str
    source: str
    """Where the name was found, shown to the operator: samconfig.toml, a variable, or the AWS profile."""

    def __str__(self) -> str:
        return f"{self.name} (from {self.source})"

    @property
    def variables(self) -> dict[str, str]:
        """Both variables, because some programs read only one: boto3 and sam read AWS_DEFAULT_REGION."""
        return dict.fromkeys(_REGION_VARIABLES, self.name)


@dataclass(frozen=True, slots=True)
class Deployment:
    stage: str
    stack_name: str
    s3_prefix: str
    parameters: Mapping[str, str]
    """Always has AppName and Stage, which name the function, its secrets and its role."""
    region: Region | None = None
    """None if neither samconfig.toml, the shell nor the AWS profile names a region."""

    @property
    def app_name(self) -> str:
        return self.parameters["AppName"]

    @property
    def secrets_path(self) -> str:
        """The path of the secrets in SSM, as template.yaml passes it to the function."""
        return f"/{self.app_name}/{self.stage}"

    @property
    def overrides(self) -> list[str]:
        """The parameters for sam's command line, quoted because values may have spaces."""
        return [f'{name}="{_escape(value)}"' for name, value in self.parameters.items()]

    def with_release(self, release: str) -> "Deployment":
        return replace(self, parameters={**self.parameters, "Release": release})

    def require_parameters(self) -> None:
        """Check that all parameters are set. CloudFormation would do it only after the upload.

        Raises:
            InvalidDeployment: naming each parameter that is missing.
        """
        missing = [
            f"{name} is not set: set {variable}, or write it to parameter_overrides of "
            f"[{self.stage}.deploy.parameters] in samconfig.toml"
            for name, variable in _REQUIRED.items()
            if not self.parameters.get(name)
        ]
        if bool(self.parameters.get("SubnetIds")) != bool(self.parameters.get("SecurityGroupIds")):
            missing.append("SubnetIds and SecurityGroupIds go together: give both, of one VPC, or neither")
        if missing:
            raise InvalidDeployment("\n".join(missing))

    def require_region(self) -> Region:
        """The region.

        Raises:
            InvalidDeployment: if nothing names a region.
        """
        if self.region is None:
            raise InvalidDeployment(
                f'no AWS region: write region = "eu-central-1", say, to [{self.stage}.deploy.parameters] in '
                "samconfig.toml, or set AWS_REGION"
            )
        return self.region


def read_deployment(environment: Mapping[str, str], file: Path = SAMCONFIG) -> Deployment:
    """Read the deployment of STAGE. PARAMETERS="Name=value ..." overrides the other variables, and they the file.

    Raises:
        InvalidDeployment: if the file lacks the stage, a parameter is not Name=value, or names contradict.
    """
    stage = environment.get("STAGE") or "dev"
    stages = tomllib.loads(file.read_text())
    section = _find_parameters(stages, stage, "deploy")
    if section is None:
        raise InvalidDeployment(f"samconfig.toml has no [{stage}.deploy.parameters]: copy those of dev")
    if missing := [name for name in ("stack_name", "s3_prefix") if not section.get(name)]:
        raise InvalidDeployment(f"[{stage}.deploy.parameters] in samconfig.toml has no {missing[0]}")
    overrides = section.get("parameter_overrides", [])
    parameters = {
        "AppName": APP_NAME,
        "Stage": stage,
        # Always given: a stack keeps the value of a parameter that sam leaves out, so a build without the examples
        # would not start after one with them.
        "ServeExamples": "false",
        **_read_overrides(overrides),
        **{name: environment[variable] for variable, name in _FROM_SHELL.items() if environment.get(variable)},
        **({"ServeExamples": "true"} if environment.get("EXAMPLES") == "1" else {}),
        **_read_pairs(environment.get("PARAMETERS", "")),
    }
    _check_names(stage, parameters, environment)
    _check_stack_is_its_own(stages, stage, section["stack_name"])
    region = _find_region_in_file(stages, stage) or _find_region_in_shell(environment)
    return Deployment(stage, section["stack_name"], section["s3_prefix"], parameters, region)


def _find_parameters(stages: Mapping[str, Any], stage: str, command: str) -> dict[str, Any] | None:
    found = stages.get(stage, {})
    parameters = found.get(command, {}).get("parameters") if isinstance(found, dict) else None
    return parameters if isinstance(parameters, dict) else None


def _check_names(stage: str, parameters: Mapping[str, str], environment: Mapping[str, str]) -> None:
    for name, pattern in _NAMES.items():
        if not re.fullmatch(pattern, value := parameters[name]):
            shown = "APP_NAME" if name == "AppName" and value == environment.get("APP_NAME") else name
            raise InvalidDeployment(
                f"{shown} is {value}; give lower-case letters, digits and hyphens, a letter first: 2 to "
                "40 for AppName, not aws or ssm first, at most 16 for Stage, such as STAGE=dev"
            )
    if parameters["Stage"] != stage:
        # The function would read its secrets under one name, and `make secrets` would write them under the other.
        raise InvalidDeployment(
            f"STAGE={stage} says Stage={parameters['Stage']}: write Stage={stage} to parameter_overrides of "
            f"[{stage}.deploy.parameters] in samconfig.toml"
        )


def _check_stack_is_its_own(stages: Mapping[str, Any], stage: str, stack: str) -> None:
    for other in stages:
        section = _find_parameters(stages, other, "deploy") or {}
        if other != stage and section.get("stack_name") == stack:
            raise InvalidDeployment(
                f"samconfig.toml gives {stage} and {other} one stack, {stack}: write a stack_name and an "
                f"s3_prefix of its own to [{stage}.deploy.parameters]"
            )


def _find_region_in_file(stages: Mapping[str, Any], stage: str) -> Region | None:
    """The region of the stage's section, or else of the `default` section."""
    for section, command in ((stage, "deploy"), (stage, "global"), ("default", "deploy"), ("default", "global")):
        if region := (_find_parameters(stages, section, command) or {}).get("region"):
            return Region(str(region), "samconfig.toml")
    return None


def _find_region_in_shell(environment: Mapping[str, str]) -> Region | None:
    for variable in _REGION_VARIABLES:
        if environment.get(variable):
            return Region(environment[variable], variable)
    profile = environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE")
    found = _find_region_in_profile(profile)
    return Region(found, f"the AWS profile {profile or 'default'}") if found else None


def _find_region_in_profile(profile: str | None) -> str | None:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        found = boto3.Session(profile_name=profile).region_name
    except BotoCoreError:
        # No such profile, or an unreadable file: the first call that needs credentials reports it.
        return None
    return str(found) if found else None


def _read_overrides(given: Any) -> dict[str, str]:
    """Read parameter_overrides in all forms that sam accepts: a string, a list of strings, a table."""
    if isinstance(given, dict):
        return {name: str(value) for name, value in given.items()}
    return _read_pairs(given if isinstance(given, str) else " ".join(given))


def _read_pairs(text: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in shlex.split(text)]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise InvalidDeployment(f"{wrong[0]} is not a parameter: write Name=value")
    # sam's longer form is ParameterKey=Name,ParameterValue=value.
    long = [value.partition(",ParameterValue=") for name, _, value in pairs if name == "ParameterKey"]
    return {name: value for name, _, value in pairs if name != "ParameterKey"} | {
        name: value for name, _, value in long
    }


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
