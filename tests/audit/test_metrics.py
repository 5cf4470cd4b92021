"""The metrics in a record's line: what the embedded metric format asks, and what Powertools would make."""

import time
from typing import Any

import pytest
from aws_lambda_powertools.metrics import Metrics, MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from app.audit.record import KINDS, CallMetrics, ExchangeRecord
from tests.catalogues import many
from tests.log import Log
from tests.rig import Rig, with_settings
from tests.test_record import SESSION, a_record

UNITS = {unit.value for unit in MetricUnit}
Published = dict[tuple[str, tuple[tuple[str, str], ...]], tuple[float, str]]


def published(line: dict[str, Any]) -> Published:
    """The values that CloudWatch takes from a line: by metric and dimensions, with the unit.

    The rules are those of "Specification: Embedded metric format"; a line that breaks one publishes nothing.
    """
    metadata = line["_aws"]
    assert set(metadata) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(metadata["Timestamp"], int)
    found: Published = {}
    for directive in metadata["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= 1024
        assert directive["Dimensions"]
        for metric in directive["Metrics"]:
            assert metric["Unit"] in UNITS
            value = line[metric["Name"]]
            value = value[0] if isinstance(value, list) else value
            assert isinstance(value, int | float)
            for names in directive["Dimensions"]:
                assert len(names) <= 30
                assert all(isinstance(line[name], str) and 1 <= len(line[name]) <= 1024 for name in names)
                dimensions = tuple((name, line[name]) for name in names)
                found[metric["Name"], dimensions] = (value, metric["Unit"])
    return found


def test_a_call_is_counted_by_outcome_and_timed_by_tool(rig: Rig, log: Log) -> None:
    rig.call("whoami")

    (line,) = log("exchange")
    assert published(line) == {
        ("Calls", ()): (1, "Count"),
        ("Calls", (("outcome", "ok"),)): (1, "Count"),
        ("Duration", (("tool", "whoami"),)): (line["ms"], "Milliseconds"),
    }
    assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 60


def test_a_denial_is_counted_by_reason_and_flatters_no_tool(log: Log) -> None:
    record = a_record()
    record.mark_denied("missing_scope")
    record.write(403)

    assert published(log("exchange")[0]) == {
        ("Calls", ()): (1, "Count"),
        ("Calls", (("outcome", "denied"),)): (1, "Count"),
        ("Denied", (("reason", "missing_scope"),)): (1, "Count"),
    }


@pytest.mark.parametrize(("method", "kind"), [("prompts/get", "prompt"), ("resources/read", "resource")])
def test_prompts_and_resources_have_durations_of_their_own(method: str, kind: str, log: Log) -> None:
    record = ExchangeRecord(SESSION, CallMetrics("app/test"))
    record.set_call(method, "handbook")
    record.write(200)

    assert ("Duration", ((kind, "handbook"),)) in published(log("exchange")[0])


def test_a_tool_that_does_not_exist_makes_no_dimension(rig: Rig, log: Log) -> None:
    rig.refusal("evil-tool")

    assert list(published(log("exchange")[0])) == [("Calls", ()), ("Calls", (("outcome", "error"),))]


def test_only_what_is_used_is_measured(rig: Rig, log: Log) -> None:
    rig.exchange("tools/list")
    rig.exchange("evil-method")
    rig.request(token=rig.issuer.token(), body="{")
    rig.request(token=rig.issuer.token(), body={"jsonrpc": "2.0", "method": "notifications/initialized"})

    assert [line.keys() & {"_aws", "Calls", "Duration"} for line in log("exchange")] == [set()] * 4


def test_callers_are_in_no_dimension(log: Log) -> None:
    rig = Rig(tools=many)
    for kind in ("told", "untold"):
        rig.call("raises", {"kind": kind})

    for line in log("exchange"):
        dimensions = {name for _, pairs in published(line) for name, _ in pairs}
        assert dimensions <= {"outcome", "reason", *KINDS}


def test_the_namespace_is_the_deployments(log: Log) -> None:
    with_settings(metrics_namespace="shop/prod").call("whoami")

    directives = log("exchange")[0]["_aws"]["CloudWatchMetrics"]
    assert {each["Namespace"] for each in directives} == {"shop/prod"}


def test_powertools_own_metrics_publish_the_same() -> None:
    def powertools(metric: str, unit: MetricUnit, value: float, *dimension_sets: dict[str, str]) -> Published:
        # The class, not Metrics: that one shares its values with all others of the process.
        provider = AmazonCloudWatchEMFProvider(namespace="app/test")
        first, *others = dimension_sets
        for name, text in first.items():
            provider.add_dimension(name, text)
        for each in others:
            provider.add_dimensions(**each)
        provider.add_metric(metric, unit, value)
        return published(dict(provider.serialize_metric_set()))

    ours = CallMetrics("app/test")
    served = {"outcome": "ok", "tool": "export", **ours.make_fields("tool", denied=False, milliseconds=1.5)}
    denied = {"outcome": "denied", "reason": "quota", **ours.make_fields("tool", denied=True, milliseconds=1.5)}

    assert published(served) == {
        **powertools("Calls", MetricUnit.Count, 1, {}, {"outcome": "ok"}),
        **powertools("Duration", MetricUnit.Milliseconds, 1.5, {"tool": "export"}),
    }
    assert published(denied) == {
        **powertools("Calls", MetricUnit.Count, 1, {}, {"outcome": "denied"}),
        **powertools("Denied", MetricUnit.Count, 1, {"reason": "quota"}),
    }


def test_powertools_metrics_of_an_authors_own_do_not_mix_with_these(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    own = Metrics(namespace="mine")
    own.add_metric("Exported", MetricUnit.Count, 3)
    record = a_record()
    record.write(200)
    own.flush_metrics()

    assert "Exported" not in log("exchange")[0]
    assert '"Exported":[3.0]' in capsys.readouterr().out.replace(" ", "")
