"""Figures become rows, ratios and verdicts; the page keeps what stands around them."""

import pytest

from bench import cold, warm
from bench.page import BEGIN, END, PAGE, between
from bench.report import markdown, setups
from bench.subject import ERAS, Figure
from bench.targets import TARGETS, outcomes

CALL = f"tools/call, {ERAS[-1]}, new token"
TITLES = {"ours": "Ours 1", "floor": "Floor 2"}


def p50(subject: str, *values: float, table: str = warm.P50, what: str = CALL) -> Figure:
    return Figure.of(table, what, subject, "ms", values)


def test_a_figure_is_the_middle_of_the_rounds_and_its_ends() -> None:
    assert p50("ours", 3, 1, 9) == Figure(warm.P50, CALL, "ours", "ms", 1, 3, 9)


def test_a_table_has_a_column_for_each_subject_and_in_it_the_ratio_to_ours() -> None:
    text = markdown([p50("floor", 0.2), p50("ours", 0.25, 0.3, 0.42), p50("xmcp", 1.2)], TITLES)

    assert "|  | Ours 1 | Floor 2 | xmcp |" in text
    assert f"| {CALL}, ms | 0.300 (0.250 to 0.420) | 0.200 · 1.50 | 1.20 · 0.25 |" in text


def test_other_forms_of_ours_stand_beside_it_and_have_no_ratio() -> None:
    text = markdown([p50("floor", 0.2), p50("ours, otherwise", 0.6), p50("ours", 0.3)], TITLES)

    assert "|  | Ours 1 | ours, otherwise | Floor 2 |" in text
    assert f"| {CALL}, ms | 0.300 | 0.600 | 0.200 · 1.50 |" in text


def test_a_count_has_no_ratio() -> None:
    text = markdown([Figure.of("Keys", "fetches", subject, "", [1]) for subject in TITLES], TITLES)

    assert "| fetches | 1 | 1 |" in text


def test_what_a_subject_does_not_do_is_an_empty_place() -> None:
    listing = p50("ours", 1.0, what="tools/list")

    text = markdown([p50("floor", 0.2), p50("ours", 0.3), listing], TITLES)

    assert "| tools/list, ms | 1 | - |" in text


@pytest.mark.parametrize(("ours", "verdict"), [(0.3, "met"), (0.301, "**missed**")])
def test_a_target_is_held_against_what_was_measured(ours: float, verdict: str) -> None:
    text = markdown([p50("floor", 0.2), p50("ours", ours)], TITLES)

    assert f"| {warm.P50}: {CALL} | Floor 2 | 1.5 | {ours / 0.2:.3f} | {verdict} |" in text


def test_a_target_without_figures_is_not_told() -> None:
    assert outcomes([p50("ours", 0.3)]) == []
    assert "Targets" not in markdown([p50("ours", 0.3)], TITLES)


def test_the_slowest_calls_are_held_against_the_usual_ones() -> None:
    (outcome,) = outcomes([p50("ours", 0.2), p50("ours", 0.7, table=warm.P99)])

    assert (outcome.target.most, round(outcome.ratio, 2), outcome.is_met) == (3, 3.5, False)


def test_every_target_names_a_row_that_is_measured() -> None:
    works = {work.what for work in (*warm.calls(), *warm.refusals())}

    assert {target.what for target in TARGETS if target.table != cold.TABLE} <= works


def test_the_page_says_how_each_was_set_up_and_keeps_what_is_written_by_hand() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    text = setups({"Floor 2": "As it is."})

    assert between(page, text) == f"before\n{BEGIN}\n\n- **Floor 2**: As it is.\n\n{END}\nafter\n"
    assert PAGE.read_text().count(BEGIN) == PAGE.read_text().count(END) == 1
