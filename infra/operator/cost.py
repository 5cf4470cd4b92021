"""`make cost`: what a stage used in some days, times AWS's list prices; per million calls and per month.

It computes, and reads no bill: without free tier, discounts, taxes, data transfer and template.team.yaml.
Environment: STAGE, DAYS=30, JSON=1, and what boto3 reads (AWS_PROFILE, AWS_ENDPOINT_URL).
"""

import json
import os
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.deploy.deployment import SAMCONFIG, InvalidDeployment, read_deployment
from infra.operator import prices
from infra.operator.columns import columns
from infra.operator.prices import Price
from infra.operator.stage_aws import AwsRefused, MakeClient, StageAws, make_client
from infra.operator.usage import DAY_SECONDS, Usage, read_usage
from infra.operator.work_usage import WorkUsage

Environment = Mapping[str, str]
MAX_DAYS = 455
"""CloudWatch keeps metrics for 15 months."""
MONTH_DAYS = 30
_HEADINGS = ("what", "amount", "price", "USD", "USD a month", "USD per million calls")
_MILLION = 1e6
_LINE_WIDTH = 110
_DISCLAIMER = (
    f"Computed from list prices of {prices.REGION} as of {prices.AS_OF}. This is not a bill: without free tier, "
    "discounts, taxes, data transfer, the start of environments, the keeping of logs, KMS, the quota's table and "
    "what your template.team.yaml adds."
)


class InvalidDays(Exception):
    """DAYS is not a number of days that CloudWatch keeps; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the table. None stands for what is not known."""

    price: Price
    amount: float | None
    unit: str
    is_used: bool = True
    """Whether it grows with the calls; otherwise it is paid for existing."""
    part: str = ""
    """What used it, if it is not the function."""

    @property
    def what(self) -> str:
        return f"{self.price.what}, {self.part}" if self.part else self.price.what

    @property
    def dollars(self) -> float | None:
        return None if self.amount is None else self.price.charge(self.amount)


def list_items(usage: Usage, days: float) -> list[Item]:
    """What AWS bills, with its amounts in the period."""
    function, months = usage.function, days / MONTH_DAYS
    gb_restored = None if usage.restores is None else usage.restores * function.memory_gb
    gb_logged = None if usage.log_bytes is None else usage.log_bytes / 1e9
    secrets = None if usage.secrets is None else usage.secrets * months
    snapshots = function.published_versions if function.has_snapshot else 0
    return [
        Item(prices.REQUESTS_TO_API, usage.requests, "requests"),
        Item(prices.INVOCATIONS, usage.invocations, "requests"),
        Item(prices.DURATION[function.architecture], usage.gb_seconds, "GB-seconds"),
        Item(prices.RESTORES, gb_restored, "GB restored"),
        Item(prices.LOGS, gb_logged, "GB"),
        Item(prices.SNAPSHOTS, snapshots * function.memory_gb * days * DAY_SECONDS, "GB-seconds", is_used=False),
        Item(prices.ALARMS, usage.alarms * months, "alarm-months", is_used=False),
        Item(prices.METRICS, usage.metrics * months, "metric-months", is_used=False),
        Item(prices.DASHBOARD, months, "dashboard-months", is_used=False),
        Item(prices.SECRETS, secrets, "parameter-months", is_used=False),
        *(list_work_items(usage.work) if usage.work else []),
    ]


def list_work_items(work: WorkUsage) -> list[Item]:
    """What AWS bills of background work."""
    written = None if work.written_bytes is None else work.written_bytes / 1e9
    return [
        Item(prices.INVOCATIONS, work.invocations, "requests", part="worker"),
        Item(prices.DURATION[work.architecture], work.gb_seconds, "GB-seconds", part="worker"),
        Item(prices.OPERATIONS, work.operations, "operations"),
        Item(prices.WRITTEN, written, "GB"),
        Item(prices.KEPT, work.kept_gb_months, "GB-months"),
    ]


def main(
    environment: Environment,
    file: Path = SAMCONFIG,
    *,
    make: MakeClient = make_client,
    now: float | None = None,
) -> int:
    until = time.time() if now is None else now
    try:
        days = _read_days(environment.get("DAYS") or "30")
        aws = StageAws(read_deployment(environment, file), make)
        outputs = _read_outputs(aws)
        usage = read_usage(aws, outputs, since=until - days * DAY_SECONDS, until=until)
    except (InvalidDays, InvalidDeployment) as refused:
        print(refused, file=sys.stderr)
        return 2
    except AwsRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    items = list_items(usage, days)
    if environment.get("JSON"):
        print(_write_json(items, usage, days))
    else:
        print(f"{aws.deployment.stack_name} in {aws.region}, {days:g} days\n\n{_write_text(items, usage, days)}")
    return 0


def _read_days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 1 <= days <= MAX_DAYS:
        raise InvalidDays(f"DAYS is {text[:80]!r}: give a number from 1 to {MAX_DAYS}, such as DAYS=30")
    return days


def _read_outputs(aws: StageAws) -> dict[str, str]:
    name = aws.deployment.stack_name
    try:
        stack = aws.ask("cloudformation", "describe_stacks", StackName=name)["Stacks"][0]
    except AwsRefused as refused:
        if refused.code != "ValidationError":
            raise
        why = f"there is no stack {name} in {aws.region}: make stages shows what is deployed"
        raise InvalidDeployment(why) from None
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def _write_text(items: Sequence[Item], usage: Usage, days: float) -> str:
    calls = usage.invocations
    rows = [_HEADINGS, *(_row(item, calls, days) for item in items)]
    known = [item for item in items if item.dollars is not None]
    missing = [item.what for item in items if item.amount is None]
    label = "together, of what is known" if missing else "together"
    rows.append((label, "", "", *_totals(known, calls, days)))
    notes = [_DISCLAIMER]
    if missing:
        notes.append(f"No data, and not in the sum: {', '.join(missing)}.")
    if not calls:
        notes.append("Nothing is known per million calls: CloudWatch has no calls of this period.")
    return "\n\n".join([columns(rows), *(textwrap.fill(note, _LINE_WIDTH) for note in notes)])


def _row(item: Item, calls: float | None, days: float) -> tuple[str, ...]:
    price = f"{item.price.dollars:.10f}".rstrip("0").rstrip(".") + f" per {item.price.per}"
    if item.amount is None or item.dollars is None:
        return (item.what, "no data", price, "", "", "")
    amount = f"{item.amount:,.0f}" if item.amount >= 1000 else f"{item.amount:.4g}"
    return (item.what, f"{amount} {item.unit}", price, *_totals([item], calls, days))


def _totals(items: Sequence[Item], calls: float | None, days: float) -> tuple[str, str, str]:
    dollars = sum(item.dollars or 0.0 for item in items)
    used = sum(item.dollars or 0.0 for item in items if item.is_used)
    per_million = f"{used / calls * _MILLION:.2f}" if calls and any(item.is_used for item in items) else ""
    return f"{dollars:.4f}", f"{dollars / days * MONTH_DAYS:.2f}", per_million


def _write_json(items: Sequence[Item], usage: Usage, days: float) -> str:
    document = {
        "days": days,
        "prices": {"region": prices.REGION, "as_of": prices.AS_OF},
        "usage": asdict(usage),
        "items": [
            {"what": item.what, "amount": item.amount, "unit": item.unit, "dollars": item.dollars}
            for item in items
        ],
    }
    return json.dumps(document, indent=2)


if __name__ == "__main__":
    sys.exit(main(os.environ))
