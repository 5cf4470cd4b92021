"""The quota: who has how many calls, in which window, and what somebody is told who has none left."""

import asyncio
import re
from typing import Any

import pytest

from app.access.quota import FAILURE_PAUSE_SECONDS, Quota, QuotaExceeded
from app.access.quota_rules import QuotaRules
from app.access.quota_table import _CAUSES
from app.authoring import Session
from tests.blocks import ROOT, blocks
from tests.issuer import Clock
from tests.log import Log
from tests.quota import MemoryTable, caller

HOUR = 3600
BEGIN = 1_790_000_000 // HOUR * HOUR
PAGE = ROOT.joinpath("docs/quota.md").read_text()
ALICE, BOB, NOBODY = caller(), caller("user_02BOB"), caller("user_03EVE", None)


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGIN)


def quota(table: MemoryTable, clock: Clock, **rules: Any) -> Quota:
    """One environment."""
    return Quota(QuotaRules(table="quota", **rules), table, clock)


def take(quota: Quota, session: Session = ALICE) -> QuotaExceeded | None:
    return asyncio.run(quota.take(session))


def admitted(quota: Quota, session: Session, calls: int) -> int:
    return sum(take(quota, session) is None for _ in range(calls))


def refused(quota: Quota, session: Session = ALICE) -> QuotaExceeded:
    over = take(quota, session)
    assert over is not None
    return over


def test_exactly_the_limit_passes_over_all_environments(table: MemoryTable, clock: Clock) -> None:
    environments = [quota(table, clock, per_user=10) for _ in range(3)]

    assert [take(environments[call % 3]) is None for call in range(15)] == [True] * 10 + [False] * 5


def test_exactly_the_limit_passes_of_calls_at_the_same_time(table: MemoryTable, clock: Clock) -> None:
    environments = [quota(table, clock, per_user=10, per_organization=25) for _ in range(3)]

    async def together() -> list[QuotaExceeded | None]:
        calls = [each.take(caller(f"user_{n}")) for each in environments for n in range(4) for _ in range(8)]
        return await asyncio.gather(*calls)

    assert asyncio.run(together()).count(None) == 25


def test_each_user_has_calls_of_his_own_and_an_organization_one_number_for_all(
    table: MemoryTable, clock: Clock
) -> None:
    here = quota(table, clock, per_user=2, per_organization=3)

    assert (admitted(here, ALICE, 3), admitted(here, BOB, 3)) == (2, 1)
    assert admitted(here, caller("user_02BOB", "org_02OTHER"), 3) == 0  # one of his two went to the call in vain


def test_a_user_without_organization_has_the_users_limit_alone(table: MemoryTable, clock: Clock) -> None:
    assert admitted(quota(table, clock, per_user=2, per_organization=1), NOBODY, 3) == 2


def test_where_nothing_limits_a_caller_the_table_is_not_asked(table: MemoryTable, clock: Clock) -> None:
    table.trouble = "denied"
    here = quota(table, clock, per_organization=1, when_unavailable="deny")
    refused(here, ALICE)

    assert admitted(here, NOBODY, 3) == 3
    assert len(table.asked) == 1


def test_a_machine_and_a_user_of_the_same_id_are_two(table: MemoryTable, clock: Clock) -> None:
    here = quota(table, clock, per_user=1)

    assert admitted(here, caller("client_01"), 2) == 1
    assert admitted(here, caller("client_01", is_machine=True), 2) == 1


@pytest.mark.parametrize(
    ("rules", "other"),
    [
        ({"per_user": 1}, caller(f"user_01ALICE#{HOUR}#{BEGIN}")),
        ({"per_user": 1}, caller("user_01ALICE#")),
        ({"per_user": 1}, caller("#user_01ALICE")),
        ({"per_organization": 1}, caller("user_02BOB", "org_01ACME#")),
        ({"per_organization": 1}, caller("user_02BOB", f"org_01ACME#{HOUR}#{BEGIN}")),
        ({"per_user": 1, "per_organization": 1}, caller("org_01ACME", "user_01ALICE")),
    ],
)
def test_no_id_takes_calls_of_another_whatever_it_contains(
    rules: dict[str, Any], other: Session, table: MemoryTable, clock: Clock
) -> None:
    here = quota(table, clock, **rules)

    assert (admitted(here, other, 2), admitted(here, ALICE, 2)) == (1, 1)


def test_a_new_window_begins_at_a_multiple_of_its_length_with_all_calls(table: MemoryTable, clock: Clock) -> None:
    clock.now = BEGIN + HOUR - 0.5
    here = quota(table, clock, per_user=2)
    before = admitted(here, ALICE, 3)
    clock.now = BEGIN + HOUR

    assert (before, admitted(here, ALICE, 3)) == (2, 2)


def test_environments_with_another_window_count_for_themselves(table: MemoryTable, clock: Clock) -> None:
    assert admitted(quota(table, clock, per_user=2), ALICE, 3) == 2
    assert admitted(quota(table, clock, per_user=2, window_seconds=60), ALICE, 3) == 2


@pytest.mark.parametrize(("limit", "more"), [(5, 3), (1, 0)])
def test_another_limit_holds_for_the_calls_before_it_as_well(
    limit: int, more: int, table: MemoryTable, clock: Clock
) -> None:
    admitted(quota(table, clock, per_user=2), ALICE, 3)

    assert admitted(quota(table, clock, per_user=limit), ALICE, 9) == more


def test_a_count_ends_by_itself_after_its_window(table: MemoryTable, clock: Clock) -> None:
    take(quota(table, clock, per_user=1))

    assert table.expires_at == {f"user#user_01ALICE#3600#{BEGIN}": BEGIN + HOUR + 3600}


def test_whoever_is_over_the_limit_costs_no_further_write_until_the_window_ends(
    table: MemoryTable, clock: Clock
) -> None:
    here = quota(table, clock, per_user=1, per_organization=9)
    admitted(here, ALICE, 50)
    asked = len(table.asked)
    clock.now = BEGIN + HOUR
    take(here)

    assert (asked, len(table.asked)) == (3, 5)


def test_of_a_used_up_organization_each_environment_takes_one_call_of_one_user_in_vain(
    table: MemoryTable, clock: Clock
) -> None:
    here = quota(table, clock, per_user=9, per_organization=1)
    admitted(here, ALICE, 5)
    admitted(here, BOB, 5)

    assert [table.calls.get(f"user#{each}#3600#{BEGIN}") for each in ("user_01ALICE", "user_02BOB")] == [2, None]


def test_an_environment_remembers_the_last_thousand_who_are_over(table: MemoryTable, clock: Clock) -> None:
    here = quota(table, clock, per_user=1)
    for number in range(1025):
        admitted(here, caller(f"user_{number}"), 2)
    table.asked.clear()

    refused(here, caller("user_1024"))
    refused(here, caller("user_0"))

    assert table.asked == [f"user#user_0#3600#{BEGIN}"]


PER_USER = "You have used the 1 call that one user has per "
WORDS = [
    (ALICE, {"per_user": 1}, f"{PER_USER}hour. Try again in 3600 seconds."),
    (ALICE, {"per_user": 1, "window_seconds": 86_400}, f"{PER_USER}day. Try again in"),
    (ALICE, {"per_user": 1, "window_seconds": 60}, f"{PER_USER}minute. Try again in 60 seconds."),
    (ALICE, {"per_user": 1, "window_seconds": 1}, f"{PER_USER}second. Try again in 1 second."),
    (ALICE, {"per_user": 1, "window_seconds": 7200}, f"{PER_USER}2 hours. Try again in"),
    (ALICE, {"per_user": 1, "window_seconds": 90}, f"{PER_USER}90 seconds. Try again in"),
    (ALICE, {"per_user": 2}, "You have used the 2 calls that one user has per hour."),
    (ALICE, {"per_organization": 2}, "Your organisation has used the 2 calls that one organisation has per hour."),
    (
        caller("client_01", is_machine=True),
        {"per_user": 2},
        "This application has used the 2 calls that one application has per hour.",
    ),
]


@pytest.mark.parametrize(("session", "rules", "text"), WORDS)
def test_the_caller_reads_what_is_used_up_and_when_there_is_more(
    session: Session, rules: dict[str, Any], text: str, table: MemoryTable, clock: Clock
) -> None:
    here = quota(table, clock, **rules)
    admitted(here, session, 2)

    over = refused(here, session)

    assert over.text.startswith(text)
    assert over.text.endswith(("seconds.", "second."))
    assert over.reason == "quota"


def test_the_fields_name_every_limit_of_the_caller_and_the_one_that_ran_out(
    table: MemoryTable, clock: Clock
) -> None:
    clock.now = BEGIN + HOUR - 311.5
    here = quota(table, clock, per_user=100, per_organization=2)
    admitted(here, BOB, 2)

    assert refused(here).headers == {
        "retry-after": "312",
        "ratelimit-policy": '"user";q=100;w=3600, "organization";q=2;w=3600',
        "ratelimit": '"organization";r=0;t=312',
    }


def test_a_caller_that_waits_as_long_as_it_was_told_is_served(table: MemoryTable, clock: Clock) -> None:
    clock.now = BEGIN + 1234.567
    here = quota(table, clock, per_user=1)
    take(here)
    clock.now += refused(here).retry_after

    assert take(here) is None


def test_what_a_caller_is_told_holds_no_id(table: MemoryTable, clock: Clock) -> None:
    here = quota(table, clock, per_user=1, per_organization=1)
    take(here)

    told = str(refused(here))
    assert not re.search("user_01ALICE|org_01ACME", told)


def test_calls_are_served_uncounted_while_the_table_is_down(table: MemoryTable, clock: Clock, log: Log) -> None:
    table.trouble = "missing"
    here = quota(table, clock, per_user=1)

    assert admitted(here, ALICE, 3) == 3
    lines = [(line["level"], line["reason"], line["policy"]) for line in log("quota unavailable")]
    assert lines == [("WARNING", "missing", "allow")] * 3


def test_or_none_is_served_if_the_settings_say_so(table: MemoryTable, clock: Clock, log: Log) -> None:
    table.trouble = "unreachable"
    here = quota(table, clock, per_user=1, when_unavailable="deny")
    over = refused(here)
    clock.now += 3.2

    assert (over.reason, over.retry_after, over.headers) == ("quota_unavailable", 5, {"retry-after": "5"})
    assert over.text == (
        "This server cannot count its calls at the moment, and takes none until it can. Try again in 5 seconds."
    )
    assert refused(here).retry_after == 2
    assert [(line["reason"], line["policy"]) for line in log("quota unavailable")] == [("unreachable", "deny")] * 2


@pytest.mark.parametrize("policy", ["allow", "deny"])
def test_after_a_failure_nobody_waits_for_the_table_for_five_seconds(
    policy: str, table: MemoryTable, clock: Clock
) -> None:
    table.trouble = "unreachable"
    here = quota(table, clock, per_user=1, when_unavailable=policy)
    admitted(here, ALICE, 5)
    clock.now += FAILURE_PAUSE_SECONDS - 0.1
    take(here)
    asked = len(table.asked)
    clock.now += 0.1
    table.trouble = None

    assert asked == 1
    assert admitted(here, ALICE, 2) == 1


def test_a_clock_that_was_set_back_does_not_put_the_table_off_for_longer(table: MemoryTable, clock: Clock) -> None:
    table.trouble = "unreachable"
    here = quota(table, clock, per_user=1)
    take(here)
    table.trouble = None
    clock.now -= 100

    assert admitted(here, ALICE, 2) == 1


def test_whoever_is_over_the_limit_stays_so_while_the_table_is_down(table: MemoryTable, clock: Clock) -> None:
    here = quota(table, clock, per_user=1)
    admitted(here, ALICE, 2)
    table.trouble = "unreachable"
    take(here, BOB)

    assert refused(here).reason == "quota"


def test_a_call_that_is_counted_or_over_writes_no_line(table: MemoryTable, clock: Clock, log: Log) -> None:
    admitted(quota(table, clock, per_user=1), ALICE, 3)

    assert log() == []


def test_the_page_for_operators_shows_what_a_caller_gets(table: MemoryTable, clock: Clock) -> None:
    (shown,) = blocks("http", "docs/quota.md")
    clock.now = BEGIN + HOUR - 312
    here = quota(table, clock, per_user=1000, per_organization=20_000)
    table.calls[f"user#user_01ALICE#3600#{BEGIN}"] = 1000

    over = refused(here)

    assert dict(line.split(": ") for line in shown.splitlines()) == over.headers
    assert f"> {over.text}\n" in PAGE


def test_the_page_for_operators_has_every_reason_that_the_log_gives() -> None:
    causes = {*_CAUSES.values(), "refused", "unreachable"}

    assert set(re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE)) == causes
