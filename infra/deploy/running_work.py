"""Keep a deployment from ending background work: a stage whose last background tool is gone loses its worker."""

from collections.abc import Mapping
from typing import Any

from infra.deploy.deployment import Deployment, InvalidDeployment

_RUNNING = ["RUNNING", "PAUSING", "PAUSED"]


def check_running_work(aws: Any, deployment: Deployment, environment: Mapping[str, str]) -> None:
    """Refuse to delete the worker of this stage while work runs in it. END_WORK=1 ends the work.

    Raises:
        InvalidDeployment: if work runs; the message says how much, and what to do.
    """
    if deployment.parameters.get("BackgroundWork") != "false":
        return
    worker = f"{deployment.app_name}-{deployment.stage}_worker"
    running = _list_running(aws, worker)
    if running and environment.get("END_WORK") != "1":
        count = "work runs" if len(running) == 1 else f"{len(running)} pieces of work run"
        raise InvalidDeployment(
            f"{count} in {worker}, which this deployment would delete, because no tool works in the background "
            "any more. Wait until the work has ended, or end it: make deploy END_WORK=1"
        )
    for arn in running:
        aws.stop_durable_execution(DurableExecutionArn=arn)


def _list_running(aws: Any, worker: str) -> list[str]:
    pages = aws.get_paginator("list_durable_executions_by_function")
    try:
        found = [
            each["DurableExecutionArn"]
            for page in pages.paginate(FunctionName=worker, Statuses=_RUNNING)
            for each in page["DurableExecutions"]
        ]
    except aws.exceptions.ResourceNotFoundException:
        return []  # no worker, or no stage
    return found
