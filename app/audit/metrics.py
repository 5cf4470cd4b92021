"""CloudWatch metrics as fields of a record's line (embedded metric format): one line is record and metric."""

import time
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

KINDS = ("tool", "prompt", "resource")
"""What a caller can use. Each is the field of a record that names it, and the dimension of its duration."""


class CallMetrics:
    """Calls by outcome, denials by reason, milliseconds by what was called.

    Dimensions are outcomes, reasons and names of this server: their number is bounded. A user or an organisation
    is never one.
    """

    def __init__(self, namespace: str) -> None:
        # The directives are the same for every call; only the values on the line change.
        calls = _make_directive(namespace, "Calls", MetricUnit.Count, (), ("outcome",))
        self._denied = [calls, _make_directive(namespace, "Denied", MetricUnit.Count, ("reason",))]
        self._by_kind: dict[str | None, list[Any]] = {None: [calls]}
        for kind in KINDS:
            duration = _make_directive(namespace, "Duration", MetricUnit.Milliseconds, (kind,))
            self._by_kind[kind] = [calls, duration]

    def make_fields(self, kind: str | None, *, denied: bool, milliseconds: float) -> dict[str, Any]:
        """What to add to a line that already has `outcome`, `reason` and the name of what was called.

        Args:
            kind: One of KINDS; None if the line names nothing.
            denied: A denied call adds no duration: it is short, and would make the tool look fast.
            milliseconds: How long the exchange took.
        """
        fields: dict[str, Any] = {
            "_aws": {
                "Timestamp": time.time_ns() // 1_000_000,
                "CloudWatchMetrics": self._denied if denied else self._by_kind[kind],
            },
            "Calls": 1,
        }
        if denied:
            fields["Denied"] = 1
        elif kind is not None:
            fields["Duration"] = milliseconds
        return fields


def _make_directive(namespace: str, metric: str, unit: MetricUnit, *dimension_sets: tuple[str, ...]) -> Any:
    """The part of the format that names a metric, as Powertools writes it. The values in it do not matter."""
    provider = AmazonCloudWatchEMFProvider(namespace=namespace)
    first, *others = (dict.fromkeys(names, "any") for names in dimension_sets)
    for each in others:
        provider.add_dimensions(**each)
    line = provider.serialize_metric_set({metric: {"Unit": unit.value, "Value": [1]}}, first, {})
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    return directive
