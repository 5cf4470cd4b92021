"""A run that measured too little does not end well, whatever the suite itself says."""

from dataclasses import replace

from conformance.protocol.run import FLOORS, shortfalls
from conformance.protocol.suite import MISSING, Outcome

GOOD = {revision: [Outcome(f"a-{number}") for number in range(floor)] for revision, floor in FLOORS.items()}
OLD, NEW = FLOORS


def test_a_run_at_the_floor_is_good() -> None:
    assert shortfalls(GOOD) == []


def test_a_run_below_it_is_not() -> None:
    failed = [replace(GOOD[NEW][0], failures=("a-check: no",)), *GOOD[NEW][1:]]

    assert shortfalls({**GOOD, NEW: failed}) == [f"{NEW}: {FLOORS[NEW] - 1} scored scenarios pass, and 37 have to"]


def test_a_revision_without_any_is_not() -> None:
    assert shortfalls({NEW: GOOD[NEW]}) == [f"{OLD}: 0 scored scenarios pass, and 26 have to"]


def test_a_scored_scenario_that_did_not_run_is_told_and_others_are_not() -> None:
    more = [*GOOD[OLD], Outcome("b", failures=MISSING), Outcome("c", "extension", failures=MISSING)]

    assert shortfalls({**GOOD, OLD: more}) == [f"{OLD}: b did not run"]
