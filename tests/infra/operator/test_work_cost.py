"""What background work costs: the example of docs/background-operate.md, AWS's own, and a stage with a worker."""

import json
import re

import pytest

from infra.operator.cost import list_work_items
from infra.operator.work_usage import DAY_SECONDS, WorkPlan, WorkUsage
from tests.blocks import ROOT
from tests.infra.operator.scripted_aws import ScriptedAws
from tests.infra.operator.test_cost import OUTPUTS, VALUES, ask, use, words

Printed = pytest.CaptureFixture[str]
WORKER = {"WorkerName": "workos-mcp-lambda-dev_worker"}
OF_WORK = {
    "worker_invocations": 200.0,
    "worker_milliseconds": 1e6,
    "executions": 100.0,
    "running_milliseconds": 100 * DAY_SECONDS * 1000.0,
    "operations": 1500.0,
    "written_bytes": 2e9,
}
REPORTS = WorkPlan(
    executions=1000,
    steps=10,
    messages=2,
    sleeps=1,
    seconds_of_a_step=1,
    seconds_asleep=600,
    bytes_of_a_step=4000,
)


def test_the_example_of_the_page_is_computed_as_make_cost_computes() -> None:
    page = ROOT.joinpath("docs/background-operate.md").read_text()
    shown = re.findall(r"^\| ([^|]+) \| ([^|]*) ?\| ([\d.]+) \|$", page, re.MULTILINE)
    items = list_work_items(REPORTS.estimate())
    dollars = [item.dollars or 0.0 for item in items]

    assert [what for what, _, _ in shown] == [*(item.what for item in items), "together"]
    assert [money for _, _, money in shown] == [f"{each:.4f}" for each in (*dollars, sum(dollars))]
    for (_, amount, _), item in zip(shown, items, strict=False):
        number, unit = amount.strip().split()
        assert float(number.replace(",", "")) == pytest.approx(item.amount, rel=1e-3)
        assert unit == item.unit


def test_awss_own_example_comes_out_as_awss_page_has_it() -> None:
    # https://aws.amazon.com/lambda/pricing/: a million claims that wait for seven days, kept for fourteen more.
    claims = WorkPlan(
        executions=1_000_000,
        steps=3,
        seconds_of_a_step=0,
        seconds_asleep=7 * DAY_SECONDS,
        bytes_of_a_step=32_000,
        bytes_of_the_call=8_000,
        retention_days=14,
    )
    dollars = {item.what: round(item.dollars or 0.0, 2) for item in list_work_items(claims.estimate())}

    assert dollars["Lambda requests, worker"] == 0.20
    assert dollars["durable operations"] == 32.00
    assert dollars["durable data written"] == 26.00
    assert dollars["durable data kept"] == 10.92


def test_questions_are_two_operations_and_one_more_start() -> None:
    plan = WorkPlan(executions=1, steps=0, questions=1, seconds_of_a_step=0, bytes_of_a_step=0)

    assert (plan.estimate().operations, plan.estimate().invocations) == (3, 2)


def use_worker(aws: ScriptedAws, values: dict[str, float]) -> None:
    use(aws, {**VALUES, "log2": 1e9, **values}, outputs={**OUTPUTS, **WORKER})
    live = {"MemorySize": 2048, "Architectures": ["arm64"], "DurableConfig": {"RetentionPeriodInDays": 2}}
    aws.answer("lambda", "get_function_configuration", live, FunctionName=WORKER["WorkerName"], Qualifier="live")


def test_a_stage_with_a_worker_counts_it(capsys: Printed) -> None:
    aws = ScriptedAws()
    use_worker(aws, OF_WORK)

    assert ask(aws, JSON="1") == 0

    aws.assert_all_asked()
    amounts = {each["what"]: each["amount"] for each in json.loads(capsys.readouterr().out)["items"]}
    assert amounts["Lambda duration, arm64, worker"] == pytest.approx((1000 + 0.1) * 2)
    assert (amounts["Lambda requests, worker"], amounts["durable operations"]) == (200, 1500)
    assert amounts["durable data written"] == 2
    # Each ran for a day and is kept for two more: 2 GB for a tenth of a month.
    assert amounts["durable data kept"] == pytest.approx(0.2)
    assert amounts["CloudWatch Logs"] == 3


def test_a_worker_without_data_is_not_free(capsys: Printed) -> None:
    aws = ScriptedAws()
    use_worker(aws, {})

    assert ask(aws) == 0
    assert "durable operations, durable data written, durable data kept." in words(capsys)


def test_work_that_did_not_end_yet_is_kept_for_the_retention() -> None:
    usage = WorkUsage(1.0, "arm64", 3, 1.0, 1.0, 10.0, None, 10.0, 1e9)

    assert usage.kept_gb_months == pytest.approx(0.1)
