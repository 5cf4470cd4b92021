"""What the function prints, on its way to the terminal."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.gateway.log_lines import shorten
from tests.infra.gateway.running import Running, Serve

pytestmark = pytest.mark.broad

PRINTING = """
import sys
print("imported")
def handler(event, context):
    print("first")
    print("second", file=sys.stderr)
    print("third without an end", end="")
"""


def printing(serve: Serve, *lines: str, **options: Any) -> Running:
    """A function that prints these lines on each call."""
    running = serve(f"def handler(event, context):\n    print({chr(10).join(lines)!r})\n", **options)
    running.client.get("/")
    return running


def record(**fields: object) -> str:
    return json.dumps({"level": "INFO", "timestamp": "2026-11-23 09:05:07,000+0000", **fields})


def test_lines_keep_their_order_and_come_before_the_line_of_their_request(serve: Serve) -> None:
    running = serve(PRINTING)

    for _ in range(2):
        running.client.get("/")

    lines = [line.partition(" GET ")[1].strip() or line.partition(" start")[0] for line in running.terminal.lines]
    once = ["first", "second", "third without an end", "GET"]
    assert lines == ["imported", "cold", *once, *once]


def test_what_was_printed_before_a_crash_is_not_lost(serve: Serve) -> None:
    running = serve("import os\ndef handler(event, context):\n    print('x' * 60_000)\n    os._exit(3)\n")

    running.client.get("/")

    failed = running.terminal.lines.index(running.terminal.wait_for("the function failed"))
    assert running.terminal.lines[failed - 1] == "x" * 60_000


def test_more_than_a_pipe_holds_is_passed_on_whole(serve: Serve) -> None:
    running = serve("def handler(event, context):\n    for n in range(50_000):\n        print(n)\n")

    running.client.get("/")

    printed = [line for line in running.terminal.lines if line.isdigit()]
    assert printed == [str(n) for n in range(50_000)]


def test_the_end_of_background_work_is_one_short_line() -> None:
    line = record(
        message="work", tool="build_report", work="98a199da6d4f4041beae2dd3266053f2", outcome="ok", seconds=2.5
    )

    assert shorten(line, Path("app")) == ["  build_report ok 2.5 s (work 98a199da6d4f4041beae…)"]


def test_an_exchange_is_one_short_line(serve: Serve) -> None:
    ids = {"user_id": "user_01LOCALADALOVELACE0000000", "token_id": "01ABC"}
    running = printing(
        serve,
        record(message="exchange", method="tools/call", tool="whoami", outcome="ok", status=200, ms=3.2, **ids),
        record(message="exchange", method="unknown", outcome="error", code=-32601, status=404, ms=1),
        record(message="exchange", method="prompts/get", prompt="review", outcome="denied", reason="quota", ms=1),
        record(message="exchange", tool="t", outcome="denied", reason="missing_role", needs="the role a", ms=1),
        record(
            message="exchange", resource="handbook", outcome="ok", ms=1, Calls=1, _aws={"CloudWatchMetrics": []}
        ),
    )

    assert running.terminal.lines[1:6] == [
        "  whoami ok 3.2 ms user_01LOCALADALOVEL…",
        "  unknown error -32601 1 ms",
        "  review denied quota 1 ms",
        "  t denied missing_role (the role a) 1 ms",
        "  handbook ok 1 ms",
    ]


def test_a_lost_audit_event_is_one_short_line(serve: Serve) -> None:
    defect = {"reason": "defect", "exception": "Traceback", "exception_name": "ValueError"}
    running = printing(
        serve,
        record(message="audit event lost", reason="refused", code="invalid_audit_log_event", tool="whoami"),
        record(message="audit event lost", **defect),
    )

    assert running.terminal.lines[1] == "  audit event lost whoami refused invalid_audit_log_event"
    assert running.terminal.lines[2] == "  audit event lost: ValueError"


def test_what_workos_said_is_one_short_line(serve: Serve) -> None:
    refused = {"status": 422, "code": "invalid", "endpoint": "PUT /user_management/users/{}", "detail": "Failed."}
    running = printing(
        serve,
        record(
            message="WorkOS refused or failed", reason="UnprocessableEntityError", errors=["a b: c"], **refused
        ),
        record(message="grants could not be looked up", reason="WorkOSError", failure="redirect", status=302),
    )

    said = "UnprocessableEntityError 422 invalid PUT /user_management/users/{} Failed. a b: c"
    assert running.terminal.lines[1] == f"  WorkOS refused or failed: {said}"
    assert running.terminal.lines[2] == "  grants could not be looked up: redirect 302"


def test_a_refusal_is_one_short_line(serve: Serve) -> None:
    running = printing(serve, record(message="refused", reason="expired", detail="", status=401))

    assert running.terminal.lines[1] == "  refused 401 expired"


def test_every_other_record_of_the_logger_is_one_short_line_too(serve: Serve) -> None:
    frame = {"location": "_refresh:149", "service": "app", "request_id": "1", "gateway_request_id": "2"}
    running = printing(
        serve,
        record(message="signing keys fetched", keys=1, **frame),
        record(message="quota unavailable", **frame | {"level": "WARNING"}, reason="timeout", policy="allow"),
        record(message="of a tool", **frame, order={"id": "\x1b[2J"}, note=None),
    )

    assert running.terminal.lines[1:4] == [
        "  signing keys fetched keys=1",
        "  warning: quota unavailable reason=timeout policy=allow",
        '  of a tool order={"id": "\\u001b[2J"} note=null',
    ]


def test_a_records_text_cannot_move_the_cursor(serve: Serve) -> None:
    running = printing(serve, record(message="refused", reason="\x1b[2J\nspoofed", status=401))

    assert running.terminal.lines[1] == "  refused 401  [2J spoofed"


@pytest.mark.parametrize(
    "line",
    [
        "plain text",
        "{not json",
        "{}",
        '{"a":' * 100_000,
        "  indented {}",
        record(message="exchange"),
        record(message="refused"),
        record(message="a tool's own line", exception=3),
        record(message="a tool's own line", exception_name="ValueError"),
    ],
)
def test_every_other_line_is_passed_on_as_it_is(serve: Serve, line: str) -> None:
    assert printing(serve, line).terminal.lines[1] == line


def test_raw_lines_are_there_for_who_wants_them(serve: Serve) -> None:
    line = record(message="refused", reason="expired", status=401)

    assert printing(serve, line, raw_log=True).terminal.lines[1] == line


LOGGED_ERROR = """
import json, traceback
class OrderLost(Exception): ...
def handler(event, context):
    try:
        try:
            json.loads("nonsense")
        except ValueError as cause:
            raise OrderLost("no order\\nsecond line") from cause
    except OrderLost as error:
        print(json.dumps({"level": "ERROR", "message": "failed", "exception_name": type(error).__name__,
                          "exception": traceback.format_exc()}))
"""


def test_instead_of_a_logged_traceback_one_line_says_what_and_where(serve: Serve) -> None:
    running = serve(LOGGED_ERROR)

    running.client.get("/")

    assert running.terminal.lines[1] == "  failed: OrderLost: no order (function.py, line 9)"
    assert not [line for line in running.terminal.lines if line.startswith("{")]


def traceback_of(*places: tuple[str, int]) -> str:
    frames = "".join(f'  File "{file}", line {line}, in f\n    f()\n' for file, line in places)
    return f"Traceback (most recent call last):\n{frames}ValueError: no"


@pytest.mark.parametrize(
    ("places", "place"),
    [
        (
            [("app/served.py", 3), ("app/tools/greet.py", 12), ("app/authoring/call.py", 7)],
            "(app/tools/greet.py, line 12)",
        ),
        ([("app/served.py", 3), ("lib/pydantic.py", 9)], "(app/tools/greet.py)"),
    ],
)
def test_a_tools_error_points_to_the_tool(places: list[tuple[str, int]], place: str, tmp_path: Path) -> None:
    error = {
        "message": "tool raised",
        "tool": "greet",
        "file": "app/tools/greet.py",
        "exception_name": "ValueError",
        "exception": traceback_of(*((f"{tmp_path}/{file}", line) for file, line in places)),
    }

    assert shorten(json.dumps(error), tmp_path / "app") == [f"  tool raised greet: ValueError: no {place}"]


def test_what_some_clients_cannot_read_is_one_line_with_the_way_round(serve: Serve) -> None:
    finding = record(
        message="tool not for every client",
        level="WARNING",
        file="app/tools/one.py",
        tool="one",
        field="filter.tags[]",
        kind="any",
        clients="AutoGen loses the whole list",
        instead="name the types",
    )
    running = printing(serve, finding)

    said = "app/tools/one.py one.filter.tags[]: AutoGen loses the whole list; name the types (or silence='any')"
    assert running.terminal.lines[1] == f"  warning {said}"
