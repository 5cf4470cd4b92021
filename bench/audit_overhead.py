"""Measure what the audit record costs each call, for docs/audit.md.

Run it with: .venv/bin/python -m bench.audit_overhead
"""

import gc
import io
import logging
import os
import statistics
import time
from collections.abc import Callable

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from app.audit.arguments import summarize_arguments
from app.audit.record import CallMetrics, ExchangeRecord
from app.handler import handler  # noqa: F401 - as in production, everything is loaded
from app.runtime import logs
from tests.test_record import SESSION, TRACE

ROUNDS = 25
TIMES = 2000
METRICS = CallMetrics("workos-mcp-lambda/prod")
KNOWN = {"report", "format", "recipient"}
GIVEN = {"report": "report-q1", "format": "pdf", "recipient": "ada@example.com"}


def plain() -> None:
    """Of something that is no use, such as tools/list: what every line had before there were metrics."""
    record = ExchangeRecord(SESSION, METRICS)
    record.set_call("tools/list")
    record.mark_answered({})
    record.write(200)


def measured() -> None:
    record = ExchangeRecord(SESSION, METRICS)
    record.set_call("tools/call", "whoami")
    record.mark_answered({})
    record.write(200)


def decided() -> None:
    record = ExchangeRecord(SESSION, METRICS)
    record.set_call("tools/call", "whoami")
    record.set_trace(None, TRACE)
    record.set_decision_source("cache")
    record.mark_answered({})
    record.write(200)


def described() -> None:
    record = ExchangeRecord(SESSION, METRICS)
    record.set_call("tools/call", "export")
    record.set_trace(None, TRACE)
    record.set_decision_source("cache")
    record.set_arguments(summarize_arguments(GIVEN, KNOWN, ("report",)))
    record.mark_answered({})
    record.write(200)


WORK: dict[str, Callable[[], None]] = {
    "the line without metrics": plain,
    "with metrics": measured,
    "and the decision's source, and the client's trace": decided,
    "and three arguments, one of them shown": described,
}


def main() -> None:
    os.environ["_X_AMZN_TRACE_ID"] = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"
    logs.configure()
    logs.identify({"request_id": "8f507cfc-8f63-4697-b07a-ac58fc914c95", "gateway_request_id": "JKJaXmPLvHcESHA="})
    stream = logs.logger.registered_handler
    assert isinstance(stream, logging.StreamHandler)
    gc.collect()
    gc.freeze()
    taken: dict[str, list[float]] = {name: [] for name in WORK}
    sizes: dict[str, int] = {}
    for _ in range(ROUNDS):  # in turn: whatever else the machine does, it does to all
        for name, work in WORK.items():
            written = io.StringIO()
            stream.setStream(written)
            began = time.perf_counter()
            for _ in range(TIMES):
                work()
            taken[name].append((time.perf_counter() - began) / TIMES * 1e6)
            sizes[name] = len(written.getvalue()) // TIMES
    print("| record | µs, median | µs, least | bytes |\n|---|---|---|---|")
    for name, values in taken.items():
        print(f"| {name} | {statistics.median(values):.1f} | {min(values):.1f} | {sizes[name]} |")


if __name__ == "__main__":
    main()
