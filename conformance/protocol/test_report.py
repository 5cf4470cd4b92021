"""What the suite wrote, read as outcomes, and told as lines and as Markdown."""

import json
from pathlib import Path
from typing import Any

from conformance.protocol.report import BEGIN, END, lines, markdown, replaced
from conformance.protocol.suite import Outcome, outcomes

REQUIREMENTS = {
    "server": ["tools-list", "tools-call-error", "ping"],
    "client": ["initialize"],
    "not_scored": [
        {"scenario": "tasks-lifecycle", "leg": "server", "reason": "extension"},
        {"scenario": "auth/dpop", "leg": "client", "reason": "extension"},
    ],
}


def check(status: str, name: str = "a-check", **more: str) -> dict[str, str]:
    return {"id": name, "status": status, "description": "It is so", **more}


def written(folder: Path, **scenarios: list[Any]) -> Path:
    """A folder as the suite leaves it."""
    for name, checks in scenarios.items():
        each = folder / f"server-{name.replace('_', '-')}-2026-11-25T14-15-31-392Z"
        each.mkdir()
        (each / "checks.json").write_text(json.dumps(checks))
    return folder


def test_a_scenario_fails_by_one_failed_check_and_by_no_warning(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        tools_list=[check("SUCCESS"), check("INFO"), check("WARNING", errorMessage="in another order")],
        tools_call_error=[check("SUCCESS"), check("FAILURE")],
        ping=[check("SKIPPED")],
        tasks_lifecycle=[check("SUCCESS"), check("SUCCESS")],
    )

    assert outcomes(folder, REQUIREMENTS) == [
        Outcome("tools-list", "", 1, (), ("a-check: in another order",)),
        Outcome("tools-call-error", "", 1, ("a-check: It is so",)),
        Outcome("ping", "", 0),
        Outcome("tasks-lifecycle", "extension", 2),
    ]
    assert [each.is_pass for each in outcomes(folder, REQUIREMENTS)] == [True, False, True, True]


def test_a_scenario_that_did_not_run_has_failed(tmp_path: Path) -> None:
    found = outcomes(written(tmp_path, ping=[check("SUCCESS")]), REQUIREMENTS)

    assert [each.scenario for each in found if not each.is_pass] == [
        "tools-list",
        "tools-call-error",
        "tasks-lifecycle",
    ]


RESULTS = {
    "2025-11-25": [
        Outcome("ping", "", 2),
        Outcome("tools-call-sampling", "", 1, ("a: no session",)),
        Outcome("streams", "", 0, (), ("b: no session",)),
    ],
    "2026-07-28": [
        Outcome("caching", "", 0),
        Outcome("streams", "", 1),
        Outcome("json-schema", "pending", 1, ("c: gone",)),
        Outcome("tasks-a", "extension", 0, ("d: none",)),
        Outcome("tasks-b", "extension", 0, ("e: none",)),
    ],
}
EXPECTED = ["tools-call-sampling"]


def test_the_terminal_gets_the_score_and_what_does_not_pass() -> None:
    assert lines("2025-11-25", RESULTS["2025-11-25"], EXPECTED) == [
        "2025-11-25: 2 of 3 scored scenarios pass, and 0 of 0 that are not scored",
        "  fails, as expected: tools-call-sampling",
        "  passes with a warning: streams: b: no session",
    ]
    assert lines("2026-07-28", RESULTS["2026-07-28"], EXPECTED) == [
        "2026-07-28: 2 of 2 scored scenarios pass, and 0 of 3 that are not scored",
        "  fails: json-schema (pending): c: gone",
        "  fail, of extensions: tasks-a, tasks-b",
    ]


def test_the_table_has_a_row_for_each_scenario_and_a_column_for_each_revision() -> None:
    told = markdown(RESULTS, EXPECTED, {"Suite": "1.0", "Node": "22"})

    assert told.splitlines() == [
        "Suite 1.0, Node 22.",
        "",
        "|  | 2025-11-25 | 2026-07-28 |",
        "| --- | --- | --- |",
        "| scored | 2 of 3 | 2 of 2 |",
        "| run, and not scored | 0 of 0 | 0 of 3 |",
        "",
        "| scenario | 2025-11-25 | 2026-07-28 |",
        "| --- | --- | --- |",
        "| ping | pass |  |",
        "| tools-call-sampling | **fail**, expected |  |",
        "| streams | pass, with a warning | pass |",
        "| caching |  | pass, nothing to check |",
        "| json-schema |  | **fail** (pending) |",
        "| tasks-a |  | **fail** (extension) |",
        "| tasks-b |  | **fail** (extension) |",
    ]


def test_the_page_is_changed_between_its_marks_alone() -> None:
    page = f"# Title\n\n{BEGIN}\nold\n{END}\n\nThe end.\n"

    assert replaced(page, "new") == f"# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nThe end.\n"
    assert replaced(replaced(page, "new"), "newer") == replaced(page, "newer")
