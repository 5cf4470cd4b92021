"""CloudWatch metrics as members of a record's line (embedded metric format): one line is record and metric."""

import time
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

KINDS = ("tool", "prompt", "resource")
"""What a caller can use; each is the field of a record that names it, and the dimension of its duration."""


class CallMetrics:
    """Calls by outcome, denials by reason, milliseconds by what was called.

    Dimensions are bounded: outcomes, reasons and names of this server, never a user or an organisation.
    """

    def __init__(self, namespace: str) -> None:
        # Made once: for each call only the values change.
        calls = _directive(namespace, "Calls", MetricUnit.Count, (), ("outcome",))
        denied = _directive(namespace, "Denied", MetricUnit.Count, ("reason",))
        self._denied = [calls, denied]
        self._served: dict[str | None, list[Any]] = {
            None: [calls],
            **{
                kind: [calls, _directive(namespace, "Duration", MetricUnit.Milliseconds, (kind,))]
                for kind in KINDS
            },
        }

    def members(self, kind: str | None, *, denied: bool, milliseconds: float) -> dict[str, Any]:
        """What to add to the line, which has `outcome`, `reason` and the name of what was called already.

        `kind` is None where nothing is named. A denial is no duration: it would flatter the tool.
        """
        directives = self._denied if denied else self._served[kind]
        members: dict[str, Any] = {
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": directives},
            "Calls": 1,
        }
        if denied:
            members["Denied"] = 1
        elif kind is not None:
            members["Duration"] = milliseconds
        return members


def _directive(namespace: str, metric: str, unit: MetricUnit, *dimension_sets: tuple[str, ...]) -> Any:
    """The format's own part, from Powertools; the values in it do not matter."""
    provider = AmazonCloudWatchEMFProvider(namespace=namespace)
    first, *others = (dict.fromkeys(names, "any") for names in dimension_sets)
    for each in others:
        provider.add_dimensions(**each)
    measured = provider.serialize_metric_set({metric: {"Unit": unit.value, "Value": [1]}}, first, {})
    (directive,) = measured["_aws"]["CloudWatchMetrics"]
    return directive
