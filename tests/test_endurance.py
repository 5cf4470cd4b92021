"""The long run of `make endurance`, in short: its table predicts every answer, and what is wrong fails it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.audit.record import REASONS
from bench.endurance.bodies import BODIES
from bench.endurance.doors import DOORS
from bench.endurance.draw import Asked
from bench.endurance.incidents import INCIDENTS
from bench.endurance.memory import Sample, Traced
from bench.endurance.refusals import REFUSED
from bench.endurance.report import Report
from bench.endurance.requests import ROWS
from bench.endurance.run import Run
from bench.endurance.session import captured
from bench.endurance.tokens import KINDS, make
from bench.endurance.world import world
from tests.rig import message

pytestmark = [pytest.mark.broad, pytest.mark.timeout(180)]

EXCHANGES = sum(INCIDENTS[0].exchanges + each.exchanges for each in INCIDENTS[1:])
"""Every incident once."""
STEADY = [Sample(at * 1000, 100_000 + at % 3, 50_000 + at % 5, 90_000 + at % 7, 0, 20, 3) for at in range(20)]
NOTHING_KEPT = Traced(1000, ())


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with captured() as log, world(2027) as around:
        run = Run(around, log)
        run.exchanges(EXCHANGES)
        yield run


@pytest.fixture
def short() -> Iterator[Run]:
    with captured() as log, world(7) as around:
        yield Run(around, log)


def test_every_answer_is_the_one_that_the_table_predicts(run: Run) -> None:
    assert run.wrong == []
    assert Report(run, STEADY, NOTHING_KEPT).problems == []


def test_every_reason_to_refuse_and_every_incident_occurs(run: Run) -> None:
    assert REFUSED.keys() - run.reasons.keys() == set()
    assert {each.name for each in INCIDENTS} == run.incidents.keys()
    assert run.days > 1
    # The others are of limits that these environments do not have, or have not reached.
    elsewhere = {"missing_role", "missing_flag", "quota", "quota_unavailable"}
    elsewhere |= {"work_unreadable", "work_caller", "work_expired", "work_gone"}
    assert REASONS - elsewhere - run.reasons.keys() <= {"state_expired"}


def test_every_row_of_the_table_that_is_not_rare_is_used(run: Run) -> None:
    names = {row.name for row in (*ROWS, *BODIES, *DOORS) if row.weight >= 2}

    assert names - run.kinds.keys() == set()


def test_the_keys_are_fetched_as_often_as_they_are_due(run: Run) -> None:
    assert run.world.issuer.key_fetches == sum(each.keys.fetches for each in run.world.environments)


def test_the_same_seed_makes_the_same_run() -> None:
    def drawn() -> tuple[float, int]:
        with captured() as log, world(3) as around:
            run = Run(around, log)
            run.exchanges(60)
            return around.now, run.accepted

    assert drawn() == drawn()


def test_an_answer_that_is_not_predicted_fails_the_run(short: Run) -> None:
    short.world.issuer.defect = ZeroDivisionError("of our own")

    short.exchanges(20)

    assert "500 internal_error" in short.wrong[0]
    assert any("not predicted" in problem for problem in Report(short, STEADY, NOTHING_KEPT).problems)


def test_a_reason_in_the_log_that_is_not_predicted_fails_the_run(short: Run) -> None:
    """The answer itself is the same for all that is wrong with a token."""
    (kind,) = (kind for kind in KINDS if kind.name == "an old token")
    told = replace(kind, open="audience", strict="audience")
    (row,) = (row for row in ROWS if row.name == "who")
    headers, body = message(row.method, dict(row.params) if not callable(row.params) else {})

    for each in (kind, told):
        short.ask(Asked(row, make(each, short.world.issuer, short.world.rng), headers, body, modern=True))

    (wrong,) = short.wrong
    assert "expected 401 invalid_token, reason audience; got 401 invalid_token, reason expired" in wrong


@pytest.mark.parametrize(
    ("grown", "told"),
    [
        ({"resident": 20}, "resident memory"),
        ({"objects": 15}, "objects"),
        ({"blocks": 60}, "blocks"),
        ({"tasks": 1}, "tasks of the event loop"),
        ({"descriptors": 1}, "open files and sockets"),
        ({"threads": 1}, "threads"),
    ],
)
def test_what_grows_fails_the_run(grown: dict[str, int], told: str, short: Run) -> None:
    ((of, by),) = grown.items()
    samples = [replace(each, **{of: 1000 + at * by}) for at, each in enumerate(STEADY)]

    (problem,) = Report(short, samples, NOTHING_KEPT).problems

    assert told in problem


def test_one_large_answer_is_no_growth(short: Run) -> None:
    peaks = [replace(each, resident=100_000 + 12_000 * (at in (3, 17))) for at, each in enumerate(STEADY)]

    assert Report(short, peaks, NOTHING_KEPT).problems == []


def test_the_report_is_a_table(run: Run) -> None:
    text = Report(run, STEADY, Traced(1000, ("`app/x.py:1` | +1.5 | +3",))).markdown()

    assert f"{EXCHANGES:,} exchanges" in text
    assert "Answers that the table does not predict: 0." in text
    assert "| resident memory, KiB | 100,000 | 100,001 |" in text
    assert "| `app/x.py:1` | +1.5 | +3 |" in text
