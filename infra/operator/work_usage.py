"""Count what background work used of AWS: in a deployed stage, or as a plan of it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAY_SECONDS = 24 * 3600
START_SECONDS = 1.5
"""What an environment of the worker is billed until its first line runs; measured, with 1024 MB."""
METRICS = {
    "worker_invocations": "Invocations",
    "worker_milliseconds": "Duration",
    "executions": "DurableExecutionStarted",
    "running_milliseconds": "DurableExecutionDuration",
    "operations": "DurableExecutionOperations",
    "written_bytes": "DurableExecutionStorageWrittenBytes",
}
"""AWS/Lambda, of one function. AWS Lambda developer guide, "Monitoring durable functions"."""


@dataclass(frozen=True, slots=True)
class WorkUsage:
    """What the worker used in a period. None stands for what CloudWatch has no data of, which is not zero."""

    memory_gb: float
    architecture: str
    retention_days: int
    invocations: float | None
    duration_seconds: float | None
    executions: float | None
    running_seconds: float | None
    """The time from the beginning to the end of each execution, with its sleep, of all together."""
    operations: float | None
    written_bytes: float | None

    @classmethod
    def read(cls, configuration: Mapping[str, Any], sums: Mapping[str, float | None]) -> "WorkUsage":
        """Take Lambda's configuration of the worker, and the sum of each of METRICS."""
        return cls(
            memory_gb=configuration.get("MemorySize", 128) / 1024,
            architecture=configuration.get("Architectures", ["x86_64"])[0],
            retention_days=configuration.get("DurableConfig", {}).get("RetentionPeriodInDays", 14),
            invocations=sums["worker_invocations"],
            duration_seconds=_from_milliseconds(sums["worker_milliseconds"]),
            executions=sums["executions"],
            running_seconds=_from_milliseconds(sums["running_milliseconds"]),
            operations=sums["operations"],
            written_bytes=sums["written_bytes"],
        )

    @property
    def gb_seconds(self) -> float | None:
        """Lambda bills whole milliseconds, so half of one is added for each invocation."""
        if self.duration_seconds is None or self.invocations is None:
            return None
        return (self.duration_seconds + self.invocations * 0.0005) * self.memory_gb

    @property
    def kept_gb_months(self) -> float | None:
        """What an execution wrote is kept while it runs, and then for the retention. A month has 30 days."""
        if self.written_bytes is None or not self.executions:
            return None
        running_days = (self.running_seconds or 0.0) / self.executions / DAY_SECONDS
        return self.written_bytes / 1e9 * (running_days + self.retention_days) / 30


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPlan:
    """How often a tool is used in a month, and what its work does each time."""

    executions: int
    steps: int
    messages: int = 0
    sleeps: int = 0
    questions: int = 0
    seconds_of_a_step: float
    seconds_asleep: float = 0.0
    """And waiting for answers, of one execution."""
    bytes_of_a_step: int
    bytes_of_the_call: int = 2_000
    """Arguments, claims and what else the work begins with."""
    memory_gb: float = 1.0
    architecture: str = "arm64"
    retention_days: int = 1

    def estimate(self) -> WorkUsage:
        """The usage of a month. After each sleep and each answer the worker is started again."""
        invocations = 1 + self.sleeps + self.questions
        busy_seconds = self.steps * self.seconds_of_a_step + invocations * START_SECONDS
        return WorkUsage(
            memory_gb=self.memory_gb,
            architecture=self.architecture,
            retention_days=self.retention_days,
            invocations=float(self.executions * invocations),
            duration_seconds=self.executions * busy_seconds,
            executions=float(self.executions),
            running_seconds=self.executions * (busy_seconds + self.seconds_asleep),
            # The beginning is one too, and a question is two: what is asked, and the wait for its answer.
            operations=float(
                self.executions * (1 + self.steps + self.messages + self.sleeps + 2 * self.questions)
            ),
            written_bytes=float(self.executions * (self.bytes_of_the_call + self.steps * self.bytes_of_a_step)),
        )


def _from_milliseconds(value: float | None) -> float | None:
    return None if value is None else value / 1000
