"""`make stages`: the stages of samconfig.toml, and what of each is deployed.

Environment: JSON=1, AWS_REGION where samconfig.toml names no region, and what boto3 reads (AWS_PROFILE,
AWS_ENDPOINT_URL).
"""

import json
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.deploy.deployment import SAMCONFIG, InvalidDeployment, read_deployment
from infra.operator.columns import columns
from infra.operator.stage_aws import AwsRefused, MakeClient, StageAws, make_client
from infra.operator.times import shown_time

Environment = Mapping[str, str]
_RELEASE_LENGTH = 12
_HEADINGS = ("stage", "stack", "region", "state", "live version", "worker", "release", "updated (UTC)", "URL")


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage has in AWS. What it does not have is an empty text."""

    stage: str
    stack: str
    region: str
    state: str
    """The status of the stack, or `not deployed`."""
    live_version: str = ""
    worker_version: str = ""
    """Of the worker of background tools: the version that takes new work."""
    release: str = ""
    """The beginning of the digest that `make deploy` computes over code, settings and stage."""
    updated: str = ""
    url: str = ""


def read_stage(aws: StageAws) -> Stage:
    """Read the stack of a stage and the version to which its alias leads.

    Raises:
        AwsRefused: if AWS refuses or does not answer.
    """
    names = (aws.deployment.stage, aws.deployment.stack_name, aws.region.name)
    try:
        stack = aws.ask("cloudformation", "describe_stacks", StackName=aws.deployment.stack_name)["Stacks"][0]
    except AwsRefused as refused:
        # CloudFormation answers ValidationError for a stack that does not exist.
        if refused.code != "ValidationError":
            raise
        return Stage(*names, "not deployed")
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
    function, worker = (outputs.get(key, "") for key in ("FunctionName", "WorkerName"))
    return Stage(
        *names,
        stack["StackStatus"],
        _read_live_version(aws, function) if function else "",
        _read_worker_version(aws, function) if worker else "",
        parameters.get("Release", "")[:_RELEASE_LENGTH],
        shown_time(stack.get("LastUpdatedTime") or stack["CreationTime"]),
        outputs.get("McpUrl", ""),
    )


def _read_live_version(aws: StageAws, function: str) -> str:
    alias = aws.ask("lambda", "get_alias", FunctionName=function, Name="live")
    others = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    canary = [f", {weight:.0%} to {version}" for version, weight in others.items()]
    return str(alias["FunctionVersion"]) + "".join(canary)


def _read_worker_version(aws: StageAws, function: str) -> str:
    """Of the live version of the function, also after a rollback; the alias of the worker has the newest one."""
    found = aws.ask("lambda", "get_function_configuration", FunctionName=function, Qualifier="live")
    worker = found.get("Environment", {}).get("Variables", {}).get("WORKER_FUNCTION", "")
    return str(worker.rpartition(":")[2])


def main(environment: Environment, file: Path = SAMCONFIG, *, make: MakeClient = make_client) -> int:
    found: list[Stage] = []
    problems: list[str] = []
    for name in _read_names(file):
        try:
            found.append(read_stage(StageAws(read_deployment({**environment, "STAGE": name}, file), make)))
        except (InvalidDeployment, AwsRefused) as refused:
            problems.append(f"{name}: {refused}")
    if environment.get("JSON"):
        print(json.dumps([asdict(each) for each in found], indent=2))
    elif found:
        print(_write_text(found))
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))


def _write_text(found: list[Stage]) -> str:
    rows = [_HEADINGS, *(tuple(asdict(each).values()) for each in found)]
    if not any(each.worker_version for each in found):
        place = _HEADINGS.index("worker")
        rows = [(*row[:place], *row[place + 1 :]) for row in rows]
    return columns(rows)


def _read_names(file: Path) -> list[str]:
    """The sections of samconfig.toml that name a stack."""
    sections = tomllib.loads(file.read_text())
    return [
        name
        for name, section in sections.items()
        if isinstance(section, dict) and "stack_name" in section.get("deploy", {}).get("parameters", {})
    ]


if __name__ == "__main__":
    sys.exit(main(os.environ))
