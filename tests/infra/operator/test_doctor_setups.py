"""The doctor against set-ups that are broken in one way each: it names the way, and the fix."""

from collections.abc import Iterator

import pytest

from infra.operator.finding import Status
from tests.infra.operator.broken_setups import SETUPS, Setup
from tests.infra.operator.page import FILE, setup_row
from tests.infra.operator.world import World, world


@pytest.fixture
def healthy() -> Iterator[World]:
    with world() as healthy:
        yield healthy


def test_a_set_up_in_which_all_is_right_passes_every_check(healthy: World) -> None:
    findings = healthy.examine()

    assert {each.status for each in findings.values()} == {Status.PASS, Status.SKIP}
    assert [each.check for each in findings.values() if each.status is Status.SKIP] == ["tls"]


@pytest.mark.matrix
@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: setup.name)
def test_a_broken_set_up_is_named_with_its_fix_and_before_what_follows_from_it(
    setup: Setup, healthy: World
) -> None:
    setup.breaks(healthy)

    findings = healthy.examine()
    finding = findings[setup.check]
    failed = [each.check for each in findings.values() if each.status is Status.FAIL]

    assert finding.status is setup.status
    assert setup.seen in finding.seen
    assert setup.fix in finding.fix
    assert setup_row(setup, finding, healthy) in FILE.read_text(), "make docs/doctor.md again"
    assert setup.status is Status.WARN or failed[0] in (setup.check, "url")


def test_more_than_fifteen_broken_set_ups_are_told_apart() -> None:
    assert len({(setup.check, setup.seen, setup.fix) for setup in SETUPS}) > 15
