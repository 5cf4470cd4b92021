"""docs/audit.md says what the lines say."""

import json
import re
from typing import Any, get_args

import pytest

from app.access.grants import SOURCES
from app.audit.outbox import LossReason
from app.audit.record import KINDS, REASONS, Outcome
from app.handler import create_handler
from tests.blocks import ROOT, blocks
from tests.events import http_api
from tests.log import Log
from tests.rig import Rig, message
from tests.test_record import TRACE, a_record

PAGE = ROOT.joinpath("docs/audit.md").read_text()
EXAMPLE, _OF_WORK = (json.loads(block) for block in blocks("json", "docs/audit.md"))


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table whose header begins with this cell."""
    table = PAGE.split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([A-Za-z_]+)`", cell)


class Context:
    aws_request_id = EXAMPLE["request_id"]


@pytest.fixture
def line(log: Log, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A call whose line has all that one can have."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={EXAMPLE['xray_trace_id']};Sampled=0")
    rig = Rig.with_examples()
    arguments = {"start": "2026-02-03", "days": 3, "more": 1}
    headers, body = message("tools/call", {"name": "add_working_days", "arguments": arguments})
    token = rig.issuer.token(act={"sub": EXAMPLE["impersonator"]})
    sent = {**headers, "authorization": f"Bearer {token}", "traceparent": TRACE}
    create_handler(rig.app)(http_api(headers=sent, body=body), Context())
    return log("exchange")[0]


def test_the_example_is_a_line_as_it_is_written(line: dict[str, Any]) -> None:
    def lasting(fields: dict[str, Any]) -> dict[str, Any]:
        changing = {"timestamp", "location", "ms", "Duration", "_aws"}
        return {name: value for name, value in fields.items() if name not in changing}

    assert EXAMPLE.keys() == line.keys()
    assert lasting(EXAMPLE) == lasting(line)
    assert EXAMPLE["_aws"]["CloudWatchMetrics"] == line["_aws"]["CloudWatchMetrics"]


def test_every_field_has_its_row_and_every_row_its_field(line: dict[str, Any], log: Log) -> None:
    record = a_record()
    record.mark_denied("quota", needs="the role admin")
    record.mark_failed("error", -32000)
    record.set_work("work-1")
    record.set_engine_failure("throttled")
    record.write(200)
    written = {*line, *log("exchange")[-1], *KINDS}

    assert {name for cells in rows("field") for name in names(cells[0])} == written


def test_outcomes_sources_and_reasons_are_all_told() -> None:
    fields = {name: cells[1] for cells in rows("field") for name in names(cells[0])}

    assert set(get_args(Outcome)) <= set(names(fields["outcome"]))
    assert set(SOURCES) == set(names(fields["decision_source"]))
    assert {name for cells in rows("reason | the caller lacks") for name in names(cells[0])} == REASONS


def test_every_metric_has_its_row_with_its_dimensions() -> None:
    told = {names(cells[0])[0]: set(names(cells[1])) for cells in rows("metric")}

    of_work = {"WorkEnded": {"outcome"}, "WorkSeconds": {"tool"}}
    assert told == {"Calls": {"outcome"}, "Denied": {"reason"}, "Duration": set(KINDS), **of_work}


def test_every_loss_has_its_row() -> None:
    told = {name for cells in rows("reason | what happened") for name in names(cells[0])}

    assert told == {*get_args(LossReason), "defect"}
