"""Keep a deployment from ending background work: a stage whose last background tool is gone loses its worker."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.deployment import Deployment, InvalidDeployment

_RUNNING = ["RUNNING", "PAUSING", "PAUSED"]


def check_running_work(
    aws: Any, deployment: Deployment, environment: Mapping[str, str], read_outputs: Callable[[], Mapping[str, str]]
) -> None:
    """Refuse to delete the worker of this stage while work runs in it. END_WORK=1 ends the work.

    `read_outputs` reads those of the stage's stack.

    Raises:
        InvalidDeployment: if work runs, or nobody can say; the message says how much, and what to do.
    """
    if deployment.parameters.get("BackgroundWork") != "false" or not _has_worker(read_outputs):
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
        _stop(aws, arn)


def _has_worker(read_outputs: Callable[[], Mapping[str, str]]) -> bool:
    """Asked first, because a role for GitHub from before there were workers may not list their work."""
    try:
        return "WorkerName" in read_outputs()
    except InvalidDeployment:
        return False  # the stage has no stack yet; sam deploy says if something else is wrong


def _stop(aws: Any, arn: str) -> None:
    try:
        aws.stop_durable_execution(DurableExecutionArn=arn)
    except ClientError as error:
        raise _explain("end work", "lambda:StopDurableExecution", error) from error


def _list_running(aws: Any, worker: str) -> list[str]:
    pages = aws.get_paginator("list_durable_executions_by_function")
    try:
        found = [
            each["DurableExecutionArn"]
            for page in pages.paginate(FunctionName=worker, Statuses=_RUNNING)
            for each in page["DurableExecutions"]
        ]
    except aws.exceptions.ResourceNotFoundException:
        return []  # somebody deleted it by hand
    except ClientError as error:
        raise _explain("list running work", "lambda:ListDurableExecutionsByFunction", error) from error
    return found


def _explain(task: str, action: str, error: ClientError) -> InvalidDeployment:
    code = error.response["Error"]["Code"]
    return InvalidDeployment(
        f"AWS did not {task} ({code}). Deploy with credentials that may call {action} on the worker: your own, "
        "because GitHub's role may list work and not end it, and a role from before there were workers may do "
        "neither until make github-role was run again"
    )
