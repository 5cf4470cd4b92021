"""The line of the end of background work, which the worker writes; the call that began it has its own line."""

import logging
import time
from typing import Any, Literal, TypeAlias

from aws_lambda_powertools.metrics import MetricUnit

from app.audit.record import CallMetrics, ExchangeRecord, identify_caller, make_directive
from app.auth.session import Session

logger = logging.getLogger(__name__)

WorkOutcome: TypeAlias = Literal["ok", "tool_error", "error", "interrupted", "timeout", "unanswered"]
"""The last three have no result: it was lost in the middle of a step, was over its time, or nobody answered."""


class WorkMetrics:
    """CloudWatch metrics of ended work: their number by outcome, and seconds by tool."""

    def __init__(self, namespace: str) -> None:
        self._directives = [
            make_directive(namespace, "WorkEnded", MetricUnit.Count, (), ("outcome",)),
            make_directive(namespace, "WorkSeconds", MetricUnit.Seconds, ("tool",)),
        ]

    def make_fields(self, seconds: float) -> dict[str, Any]:
        """What to add to a line that already has `outcome` and `tool`."""
        stamp = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": self._directives}
        return {"_aws": stamp, "WorkEnded": 1, "WorkSeconds": seconds}


class WorkRecord(ExchangeRecord):
    """Collects the fields of the line while a background tool runs, and writes it when the work is over.

    A run that ends with a question or in its sleep writes nothing.
    """

    def __init__(self, session: Session, metrics: WorkMetrics, namespace: str) -> None:
        super().__init__(session, CallMetrics(namespace))
        self._caller = session
        self._work_metrics = metrics

    def write_end(self, outcome: WorkOutcome, seconds: float) -> None:
        """Write the line; `seconds` is how long the work took in all."""
        line = {**self._fields, **identify_caller(self._caller), "outcome": outcome, "seconds": round(seconds, 2)}
        logger.info("work", extra={**line, **self._work_metrics.make_fields(line["seconds"])})
