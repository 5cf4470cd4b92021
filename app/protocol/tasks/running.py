"""Runs one background tool in a durable execution: the payload of its beginning in, its outcome out."""

import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

from aws_durable_execution_sdk_python import DurableContext
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from app.access.grants import Grants, current_grants
from app.access.lookups import Lookups
from app.audit.arguments import summarize_unvalidated
from app.audit.record import current_record
from app.audit.work import WorkMetrics, WorkOutcome, WorkRecord
from app.auth.handed_session import read_session
from app.auth.session import current_session
from app.authoring.account import ConnectedAccount
from app.authoring.ask import current_ask, get_ask
from app.authoring.call import Call, current_call
from app.authoring.work import current_work, get_work
from app.protocol.catalogue.injection import InjectionPlan
from app.protocol.serving.function import ServedFunction
from app.protocol.tasks.live_work import LiveWork, WorkAsk
from app.protocol.tasks.names import WHOLE, write_name
from app.protocol.tasks.operations import (
    Operations,
    OtherOrder,
    ResultLost,
    StepLost,
    WaitedTooLong,
    WorkPaused,
)
from app.protocol.tasks.outcomes import (
    Outcome,
    explain_interruption,
    explain_lost_result,
    explain_other_order,
    explain_time,
    explain_unanswered,
    explain_unknown_tool,
    name_outcome,
    write_outcome,
)
from app.protocol.tasks.stopping import Pause, WorkStopped, run_unless_stopped
from app.protocol.wire.deadline import Deadline, DeadlinePassed, current_deadline, run_until
from app.protocol.wire.errors import CallFailed
from app.runtime.loop import ServerLoop
from app.runtime.team_secrets import TeamSecrets, current_team_secrets
from app.workos.client import WorkOSAccess, current_workos

logger = logging.getLogger(__name__)
T = TypeVar("T")

MARGIN_SECONDS = 10.0
"""What the worker keeps of an invocation to write its outcome. Lambda ends an invocation after 15 minutes."""
MAX_STEP_RESULT_BYTES = 200 * 1024
"""A larger result of a tool without steps is not kept twice."""


class WorkCall(Call):
    """The call in background work: it knows the time that is left, and has nobody to report to."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def time_left(self) -> float:
        return self._deadline.seconds_left()


@dataclass(frozen=True)
class Environment:
    """What one run uses. The connections of WorkOS's client belong to its loop."""

    workos: WorkOSAccess
    lookups: Lookups
    team_secrets: TeamSecrets
    loop: ServerLoop = field(default_factory=ServerLoop)


class Runner:
    """Runs background tools. Several may run at the same time, each in an environment of its own."""

    def __init__(
        self,
        functions: Mapping[str, ServedFunction],
        make_environment: Callable[[], Environment],
        namespace: str,
        clock: Callable[[], float],
        is_over: Callable[[str], Awaitable[bool]],
        pause: Pause,
    ) -> None:
        """`functions` are the background tools, by name, without any access rule: access was decided before.

        `is_over` says whether the execution with an ARN has ended, and `pause` waits before it is asked again.
        """
        self._functions = functions
        self._make_environment = make_environment
        self._namespace = namespace
        self._metrics = WorkMetrics(namespace)
        self._clock = clock
        self._is_over = is_over
        self._pause = pause
        self._idle: list[Environment] = []

    def run(self, payload: Mapping[str, Any], context: DurableContext) -> Outcome:
        """The outcome of the work.

        Raises:
            BaseException: of the SDK, which ends this invocation: the work goes on in another one, or was stopped.
        """
        environment = self._idle.pop() if self._idle else self._make_environment()
        try:
            environment.loop.renew()
            return environment.loop.run_until_complete(_Run(self, environment, payload, context).run())
        finally:
            self._idle.append(environment)

    @property
    def namespace(self) -> str:
        return self._namespace

    @property
    def metrics(self) -> WorkMetrics:
        return self._metrics

    def now(self) -> float:
        return self._clock()

    async def run_unless_stopped(self, arn: str, run: Coroutine[Any, Any, T]) -> T:
        """What `run` returns.

        Raises:
            WorkStopped: somebody has ended the execution with this ARN meanwhile.
        """
        return await run_unless_stopped(run, partial(self._is_over, arn), self._pause)

    def find(self, tool: str) -> ServedFunction | None:
        return self._functions.get(tool)


class _Run:
    """One run of one tool, from its first line or to the place where an earlier run ended."""

    def __init__(
        self, runner: Runner, environment: Environment, payload: Mapping[str, Any], context: DurableContext
    ) -> None:
        self._runner = runner
        self._environment = environment
        self._payload = payload
        self._arn = context.execution_context.durable_execution_arn
        self._began = _find_beginning(context, runner.now())
        self._session = read_session(payload["session"])
        self._operations = Operations(context, payload["retries"], self._seconds_left)
        self._work = LiveWork(payload["tool"], self._operations, payload["can_ask"], payload["before"])
        left = min(self._seconds_left(), _find_time_of_invocation(context))
        self._deadline = Deadline.after(max(0.0, left))

    async def run(self) -> Outcome:
        self._bind()
        record = WorkRecord(self._session, self._runner.metrics, self._runner.namespace)
        current_record.bind(record)
        tool = self._payload["tool"]
        record.set_call("tools/call", tool)
        record.set_work(self._payload["record"]["work"])
        try:
            name, outcome = await self._find_outcome(self._runner.find(tool))
        except WorkStopped:
            return {}  # which nobody reads: the record of the end is that of the call that ended it
        record.write_end(name, self._runner.now() - self._began)
        return outcome

    async def _find_outcome(self, function: ServedFunction | None) -> tuple[WorkOutcome, Outcome]:
        """The name of the outcome in the log, and what the caller gets."""
        if function is None:
            logger.error("no such tool any more", extra={"tool": self._payload["tool"]})
            return "error", explain_unknown_tool()
        try:
            run = run_until(self._deadline, "work", lambda: self._call(function))
            outcome = await self._runner.run_unless_stopped(self._arn, run)
        except DeadlinePassed:
            return self._explain_time()
        ended_by = self._operations.ended_by  # even if the tool caught it
        if ended_by is None:
            return name_outcome(cast("Outcome", outcome)), cast("Outcome", outcome)
        if (explained := self._explain_end(ended_by, function)) is None:
            raise ended_by
        return explained

    def _explain_time(self) -> tuple[WorkOutcome, Outcome]:
        """The outcome of work whose time is over, or that of its step."""
        is_step = self._seconds_left() > 1
        # A question waits as long as the work may take: the run that finds no answer has no time left.
        if not is_step and self._operations.has_unanswered_question():
            return "unanswered", explain_unanswered()
        return "timeout", explain_time(self._payload["minutes"], is_step=is_step)

    def _explain_end(self, cause: BaseException, function: ServedFunction) -> tuple[WorkOutcome, Outcome] | None:
        """The outcome of work that ended without a result. None: it goes on in another run, or was stopped."""
        if isinstance(cause, ResultLost):
            return "interrupted", explain_lost_result()
        if isinstance(cause, StepLost):
            return "interrupted", explain_interruption(self._payload["retries"])
        if isinstance(cause, WaitedTooLong):
            return "unanswered", explain_unanswered()
        if isinstance(cause, OtherOrder):
            about = {"tool": function.definition.name, "file": function.definition.file}
            logger.error("tool did other steps", extra=about, exc_info=cause)
            return "error", explain_other_order()
        return None

    async def _call(self, function: ServedFunction) -> Outcome | None:
        try:
            if _has_steps(InjectionPlan.for_function(function.definition.function)):
                return await self._answer(function)
            return await self._run_as_step(function)
        except (WorkPaused, OtherOrder, StepLost, WaitedTooLong):
            return None  # the operations know why
        finally:
            self._work.close()

    async def _run_as_step(self, function: ServedFunction) -> Outcome:
        """A tool that takes no Work and asks nothing is one step: it never runs again once it is done."""
        outcomes: list[Outcome] = []

        async def run() -> Any:
            outcomes.append(outcome := await self._answer(function))
            return outcome if len(json.dumps(outcome)) <= MAX_STEP_RESULT_BYTES else None

        kept = await self._operations.step(write_name(function.definition.name), run, sub_type=WHOLE)
        if kept is None and not outcomes:
            raise self._operations.end(ResultLost())
        outcome: Outcome = kept or outcomes[0]
        return outcome

    async def _answer(self, function: ServedFunction) -> Outcome:
        arguments = self._payload["arguments"]
        opened = function.definition.opened_arguments
        known = function.tool.parameters.get("properties", ())
        current_record.get().set_arguments(summarize_unvalidated(arguments, known, opened), opened)
        try:
            result = await function.run_admitted(arguments, self._work.require_awaits)
        except CallFailed as failed:
            result = CallToolResult(content=[TextContent(text=failed.message)], is_error=True)
        except MCPError as error:
            return {"error": error.error.model_dump(mode="json", exclude_none=True)}
        return write_outcome(result)

    def _bind(self) -> None:
        environment = self._environment
        current_session.bind(self._session)
        current_workos.bind(environment.workos)
        current_team_secrets.bind(environment.team_secrets)
        current_grants.bind(Grants(self._session, environment.lookups))
        current_deadline.bind(self._deadline)
        current_call.bind(WorkCall(self._deadline))
        current_work.bind(self._work)
        current_ask.bind(WorkAsk(self._work))

    def _seconds_left(self) -> float:
        return float(self._began + self._payload["minutes"] * 60 - self._runner.now())


def _has_steps(plan: InjectionPlan) -> bool:
    """Whether the tool takes Work, or asks its user, at any depth. An account asks in the call alone."""
    return any(
        each.function in (get_work, get_ask)
        or (not isinstance(each.function, ConnectedAccount) and _has_steps(each))
        for each in plan.injected.values()
    )


def _find_beginning(context: DurableContext, now: float) -> float:
    operation = context.state.get_execution_operation()
    began = operation.start_timestamp if operation is not None else None
    return began.timestamp() if began is not None else now


def _find_time_of_invocation(context: DurableContext) -> float:
    remaining = getattr(context.lambda_context, "get_remaining_time_in_millis", None)
    return remaining() / 1000 - MARGIN_SECONDS if remaining else float("inf")
