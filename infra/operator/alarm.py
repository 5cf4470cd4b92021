"""One alarm of CloudWatch, in words that an operator reads at night."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.operator.times import shown_time

_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": "is {} or more",
    "GreaterThanThreshold": "is over {}",
    "LessThanOrEqualToThreshold": "is {} or less",
    "LessThanThreshold": "is under {}",
}
_STATISTICS = {"Sum": "the sum", "Average": "the average", "Maximum": "the most", "Minimum": "the least"}


@dataclass(frozen=True, slots=True)
class Alarm:
    name: str
    state: str
    """OK, ALARM or INSUFFICIENT_DATA."""
    since: str
    """The time of its last change of state, in UTC."""
    rule: str
    """When it goes off."""
    reason: str
    """Which values it saw last, and its rule."""
    description: str
    """What to do: AlarmDescription of the template."""
    topics: tuple[str, ...]

    @property
    def short_name(self) -> str:
        """Its name without AppName and Stage."""
        return self.name.rpartition("/")[2]

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "Alarm":
        """Read an alarm as DescribeAlarms answers it."""
        moment = row.get("StateTransitionedTimestamp") or row.get("StateUpdatedTimestamp")
        rule = _describe_rule(row)
        return cls(
            name=row["AlarmName"],
            state=row["StateValue"],
            since=shown_time(moment) if moment else "an unknown time",
            rule=rule,
            reason=_describe_reason(row, rule),
            description=row.get("AlarmDescription", ""),
            topics=tuple(arn for arn in row.get("AlarmActions", []) if ":sns:" in arn),
        )


def _describe_rule(row: Mapping[str, Any]) -> str:
    """Say when the alarm goes off: "the sum of 5xx in 60 s is 3 or more, in 2 of 5 periods"."""
    if "MetricName" not in row:
        return "it computes with several metrics"
    statistic = row.get("ExtendedStatistic") or row.get("Statistic", "")
    comparison = _COMPARISONS.get(row["ComparisonOperator"], row["ComparisonOperator"] + " {}")
    threshold = comparison.format(f"{row.get('Threshold', 0):g}")
    periods = row["EvaluationPeriods"]
    points = row.get("DatapointsToAlarm") or periods
    times = "" if periods == 1 else f", in {points} of {periods} periods"
    return (
        f"{_STATISTICS.get(statistic, statistic)} of {row['MetricName']} in {row['Period']} s {threshold}{times}"
    )


def _describe_reason(row: Mapping[str, Any], rule: str) -> str:
    values = _read_values(row.get("StateReasonData"))
    if values:
        return f"it saw {', '.join(f'{value:g}' for value in values)}; {rule}"
    return f"{row.get('StateReason', '')}; {rule}" if row.get("StateReason") else rule


def _read_values(text: str | None) -> list[float]:
    """The values of the metric that led to the state, newest first; empty if CloudWatch does not name them."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return []
    found = data.get("recentDatapoints") if isinstance(data, dict) else None
    return [value for value in found if isinstance(value, int | float)] if isinstance(found, list) else []
