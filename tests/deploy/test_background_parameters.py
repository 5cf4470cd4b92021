"""make deploy makes a worker if a tool needs one, with limits that fit what the tools declare."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.authoring import Background
from infra.deploy.background import describe_background, find_background, read_background_work
from infra.deploy.deployment import Deployment, InvalidDeployment
from infra.deploy.running_work import check_running_work
from tests.catalogues.background import tools as background_tools
from tests.catalogues.usual import tools as usual_tools


def test_the_longest_work_and_the_longest_retention_decide() -> None:
    declared = [Background(minutes=90, keep_hours=1), Background(minutes=1, keep_hours=49)]

    assert describe_background(declared) == {
        "BackgroundWork": "true",
        "WorkTimeoutSeconds": str(90 * 60 + 60),
        "WorkRetentionDays": "3",
    }


def test_without_a_background_tool_there_is_no_worker() -> None:
    assert describe_background(find_background([usual_tools])) == {"BackgroundWork": "false"}


def test_a_background_tool_is_found_in_the_catalogue() -> None:
    assert describe_background(find_background([usual_tools, background_tools]))["BackgroundWork"] == "true"


def test_what_the_operator_gives_stays() -> None:
    given = {"BackgroundWork": "true", "WorkTimeoutSeconds": "120", "Stage": "dev"}

    assert read_background_work(given) == given


class Gone(Exception):
    """As boto3's ResourceNotFoundException."""


class Lambda:
    """A worker with so much work; None if there is no worker."""

    exceptions = SimpleNamespace(ResourceNotFoundException=Gone)

    def __init__(self, running: int | None) -> None:
        self._running = running
        self.stopped: list[str] = []

    def get_paginator(self, name: str) -> "Lambda":
        return self

    def paginate(self, FunctionName: str, **asked: Any) -> list[dict[str, Any]]:  # noqa: N803 - boto3's own names
        assert FunctionName == "mcp-dev_worker"
        if self._running is None:
            raise Gone
        return [{"DurableExecutions": [{"DurableExecutionArn": str(each)}]} for each in range(self._running)]

    def stop_durable_execution(self, DurableExecutionArn: str) -> None:  # noqa: N803 - as above
        self.stopped.append(DurableExecutionArn)


def has_worker() -> dict[str, str]:
    """The outputs of a stack that has a worker."""
    return {"WorkerName": "mcp-dev_worker"}


def deployment(background: str) -> Deployment:
    parameters = {"AppName": "mcp", "Stage": "dev", "BackgroundWork": background}
    return Deployment("dev", "mcp-dev", "mcp-dev", parameters)


@pytest.mark.parametrize(("running", "said"), [(1, "work runs in mcp-dev_worker"), (2, "2 pieces of work run in")])
def test_a_worker_with_work_is_not_deleted(running: int, said: str) -> None:
    with pytest.raises(InvalidDeployment, match=rf"^{said}.*make deploy END_WORK=1"):
        check_running_work(Lambda(running), deployment("false"), {}, has_worker)


def test_who_says_so_ends_the_work() -> None:
    aws = Lambda(2)

    check_running_work(aws, deployment("false"), {"END_WORK": "1"}, has_worker)

    assert aws.stopped == ["0", "1"]


@pytest.mark.parametrize(("running", "background"), [(None, "false"), (0, "false"), (2, "true")])
def test_any_other_deployment_goes_on_and_ends_nothing(running: int | None, background: str) -> None:
    aws = Lambda(running)

    check_running_work(aws, deployment(background), {"END_WORK": "1"}, has_worker)

    assert aws.stopped == []


def has_no_stack() -> dict[str, str]:
    raise InvalidDeployment("Stack with id mcp-dev does not exist")


class Denied(Lambda):
    """AWS for a role from before there were workers."""

    def paginate(self, FunctionName: str, **asked: Any) -> list[dict[str, Any]]:  # noqa: N803 - boto3's own names
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListDurableExecutionsByFunction")


class DeniedToEnd(Lambda):
    """AWS for GitHub's role."""

    def stop_durable_execution(self, DurableExecutionArn: str) -> None:  # noqa: N803 - as above
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "StopDurableExecution")


@pytest.mark.parametrize("read_outputs", [dict, has_no_stack])
def test_without_a_worker_nobody_is_asked_about_its_work(read_outputs: Callable[[], dict[str, str]]) -> None:
    check_running_work(Denied(1), deployment("false"), {}, read_outputs)


@pytest.mark.parametrize(
    ("aws", "action"),
    [(Denied(1), "lambda:ListDurableExecutionsByFunction"), (DeniedToEnd(1), "lambda:StopDurableExecution")],
)
def test_who_may_not_ask_or_end_it_reads_what_they_need(aws: Lambda, action: str) -> None:
    with pytest.raises(InvalidDeployment, match=rf"AccessDeniedException.*{action}.*make github-role"):
        check_running_work(aws, deployment("false"), {"END_WORK": "1"}, has_worker)
