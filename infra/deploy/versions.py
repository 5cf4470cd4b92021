"""List, prune and roll back the published versions behind the alias: `python -m infra.deploy.versions live`,
`prune` or `rollback` (TO=)."""

import os
import sys
from typing import Any

from infra.deploy.deployment import InvalidDeployment, read_deployment
from infra.deploy.outputs import read_outputs
from infra.deploy.sam import aws_client, exit_status

ALIAS = "live"


def prune(aws: Any, function: str) -> list[int]:
    """Delete all but the live version and the one before it: each has a snapshot that costs by the hour."""
    live = _live(aws, function)
    before = [version for version in _versions(aws, function) if version < live]
    for version in before[:-1]:
        aws.delete_function(FunctionName=function, Qualifier=str(version))
    return before[:-1]


def prune_worker(aws: Any, worker: str, function: str) -> list[int]:
    """Delete the worker's old versions, but for those that a version of `function` begins work in, and those that
    still have work, which ends where it began."""
    live = _live(aws, worker)
    used = {_find_worker(aws, function, version) for version in _versions(aws, function)}
    before = [each for each in _versions(aws, worker) if each < live and not _is_one_of(each, used)]
    ended = [version for version in before if not _has_work(aws, worker, version)]
    for version in ended:
        aws.delete_function(FunctionName=worker, Qualifier=str(version))
    return ended


def _find_worker(aws: Any, function: str, version: int) -> str:
    """The worker of a version of the function, with the worker's own version; empty without one."""
    found = aws.get_function_configuration(FunctionName=function, Qualifier=str(version))
    return str(found.get("Environment", {}).get("Variables", {}).get("WORKER_FUNCTION", ""))


def _is_one_of(version: int, workers: set[str]) -> bool:
    return any(each.rpartition(":")[2] == str(version) for each in workers)


def _has_work(aws: Any, worker: str, version: int) -> bool:
    found = aws.list_durable_executions_by_function(
        FunctionName=worker, Qualifier=str(version), Statuses=["RUNNING", "PAUSING", "PAUSED"], MaxItems=1
    )
    # A page can be empty and still have a next one.
    return bool(found.get("DurableExecutions") or found.get("NextMarker"))


def rollback(aws: Any, function: str, to: str = "") -> str:
    """Route all calls to version `to`, or to the one before the live one, within a second and without a
    deployment.

    Raises:
        InvalidDeployment: if there is no such version.
    """
    if to and not to.isdecimal():
        raise InvalidDeployment("TO= is the number of a version, such as TO=3")
    live, versions = _live(aws, function), _versions(aws, function)
    before = [version for version in versions if version < live]
    chosen = int(to) if to.isdecimal() else before[-1] if before else None
    if chosen not in versions:
        raise InvalidDeployment(f"{function} has no version {to or 'before the live one'} to go back to")
    aws.update_alias(FunctionName=function, Name=ALIAS, FunctionVersion=str(chosen), RoutingConfig={})
    outcome = f"version {chosen} is live" + (f", not {live}" if chosen != live else ", as before")
    return outcome + _warn_of_worker(aws, _find_worker(aws, function, int(chosen)))


def _warn_of_worker(aws: Any, worker: str) -> str:
    try:
        if worker:
            aws.get_function_configuration(FunctionName=worker)
    except aws.exceptions.ResourceNotFoundException:
        return f"\n{worker} is gone, so its background tools begin no work: deploy that release again"
    return ""


def _live(aws: Any, function: str) -> int:
    return int(aws.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"])


def _versions(aws: Any, function: str) -> list[int]:
    pages = aws.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    names = [each["Version"] for page in pages for each in page["Versions"]]
    return sorted(int(name) for name in names if name != "$LATEST")


def main() -> None:
    deployment = read_deployment(os.environ)
    outputs, aws = read_outputs(deployment), aws_client("lambda", deployment)
    function, worker = outputs["FunctionName"], outputs.get("WorkerName")
    match sys.argv[1:]:
        case ["live"]:
            print(_live(aws, function))
        case ["rollback"]:
            outcome = rollback(aws, function, os.environ.get("TO", ""))
            print(f"Region {deployment.region}\n{function}: {outcome}")
        case _:
            for version in prune(aws, function):
                print(f"{function}: deleted version {version}")
            for version in prune_worker(aws, worker, function) if worker else []:
                print(f"{worker}: deleted version {version}")


if __name__ == "__main__":
    sys.exit(exit_status(main))
