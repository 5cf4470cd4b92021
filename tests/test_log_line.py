"""The line of the log is the one that Powertools makes, byte for byte."""

import logging
import math
import sys
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from app.runtime.log_line import LineFormatter
from app.runtime.logs import logger

LAYOUT: dict[str, Any] = {"use_rfc3339": True, "utc": True, "service": "s", "sampling_rate": None}


@dataclass
class Secretive:
    """Hides a secret from its own text."""

    key: str = field(repr=False)


def record(message: Any = "exchange", arguments: tuple[Any, ...] = (), **extra: Any) -> logging.LogRecord:
    made = logging.getLogger("app.any").makeRecord(
        "app.any", logging.INFO, "f.py", 7, message, arguments, None, "do"
    )
    made.__dict__.update(extra)
    return made


def both(made: logging.LogRecord, **layout: Any) -> tuple[str, str]:
    ours, theirs = (each(**LAYOUT, **layout) for each in (LineFormatter, LambdaPowertoolsFormatter))
    return ours.format(made), theirs.format(made)


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"ms": 0.1, "status": 200, "is_machine": False, "organization_id": None},
        {"arguments": {"a": "[redacted]", "b": [1, 2.5, {"c": None}]}},
        {"detail": 'quotes " and \\ and \n and é and \u2028 and 😀'},
        {"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Dimensions": [[], ["outcome"]]}]}},
        {"number": 10**30, "texts": ("a", "b")},
        {"service": "another", "level": "told", "location": "told"},
        {"lone": "\ud800"},
        {"infinite": math.inf, "none": math.nan},
        {"settings": Secretive("sk_live"), "when": date(2026, 1, 2), "bytes": b"a", "set": {1}},
        {"none": {None: 1}},
        {"stack_trace": "told"},
    ],
    ids=str,
)
def test_any_fields_are_written_alike(extra: dict[str, Any]) -> None:
    ours, theirs = both(record(**extra))

    assert ours == theirs


@pytest.mark.parametrize(
    "message",
    ["plain", "true", "true ", "null\n", "nullable", '{"a": 1}', "5", "", {"a": 1}, "100 % sure", ["list"], None],
)
def test_any_message_is_written_alike(message: Any) -> None:
    ours, theirs = both(record(message))

    assert ours == theirs


def test_a_message_with_arguments_is_filled_in() -> None:
    ours, theirs = both(record("%s of %d", ("one", 2)))

    assert ours == theirs
    assert "one of 2" in ours


def test_an_exception_is_told_with_its_trace() -> None:
    made = record("failed")
    try:
        int("no number")
    except ValueError:
        made.exc_info = sys.exc_info()

    ours, theirs = both(made)

    assert ours == theirs
    assert "stack_trace" in ours


def test_keys_of_the_invocation_and_the_trace_are_on_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    logger.thread_safe_append_keys(request_id="lambda-1", gateway_request_id=None)

    ours, theirs = both(record())

    assert ours == theirs
    assert '"request_id":"lambda-1"' in ours
    assert "1-5759e988-bd862e3fe1be46a994272793" in ours


def test_who_lays_the_line_out_in_another_way_gets_it() -> None:
    ours, theirs = both(record(), location="%(module)s")

    assert ours == theirs
    assert '"location":"f"' in ours


def test_who_reads_it_on_a_screen_gets_it_indented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_DEV", "true")

    with pytest.warns(UserWarning, match="POWERTOOLS_DEV"):
        ours, theirs = both(record())

    assert ours == theirs
    assert ours.startswith("{\n")
