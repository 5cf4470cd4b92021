"""Figures become rows, ratios and verdicts; the pages keep the text around them."""

import pytest

from bench import warm
from bench.page import BEGIN, END, PAGE, TABLES, replace_between_marks
from bench.report import HEADLINES, headlines, markdown, setups, targets
from bench.subject import ERAS, Figure
from bench.targets import TARGETS, outcomes

CALL = f"tools/call, {ERAS[-1]}, new token"
TITLES = {"ours": "Ours 1", "floor": "Floor 2", "sdk": "SDK 3"}


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


@pytest.mark.parametrize(("ours", "verdict"), [(0.2, "met"), (0.201, "**missed**")])
def test_a_target_is_compared_with_what_was_measured(ours: float, verdict: str) -> None:
    text = targets([p50("sdk", 0.2), p50("ours", ours)], TITLES)

    assert f"| {warm.P50}: {CALL} | SDK 3 | 1 | {ours / 0.2:.3f} | {verdict} |" in text


@pytest.mark.parametrize(("ours", "verdict"), [(1.0, "met"), (1.2, "**missed**")])
def test_a_target_without_a_peer_bounds_the_figure_itself(ours: float, verdict: str) -> None:
    text = targets([p50("ours", ours)], TITLES)

    assert f"| {warm.P50}: {CALL} | nothing: milliseconds | 1 | {ours:.3f} | {verdict} |" in text


def test_a_target_without_figures_is_left_out() -> None:
    assert outcomes([p50("sdk", 0.3)]) == []
    assert targets([p50("sdk", 0.3)], TITLES) == ""


def test_every_target_and_every_headline_names_a_row_that_is_measured() -> None:
    works = {work.what for work in (*warm.calls(), *warm.refusals())} | {
        work.what for tools in warm.TOOL_COUNTS for work in warm.tool_counts(tools)
    }
    rows = [(target.table, target.what) for target in TARGETS] + [(row.table, row.what) for row in HEADLINES]

    assert {what for table, what in rows if table in (warm.P50, warm.P99, warm.COUNTS)} <= works


def test_the_ten_figures_are_medians_under_plain_labels() -> None:
    text = headlines([p50("sdk", 0.2), p50("ours", 0.3, 0.4, 0.9)], {"ours": "Ours 1", "sdk": "SDK 3"})

    assert len(HEADLINES) == 10
    assert text.splitlines() == [
        "|  | Ours 1 | SDK 3 |",
        "| --- | ---: | ---: |",
        "| one `tools/call`, 2026-07-28, median, ms | 0.400 | 0.200 |",
    ]


def test_each_page_says_how_each_was_set_up_and_keeps_what_is_written_by_hand() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    text = setups({"Floor 2": "As it is."})

    assert replace_between_marks(page, text) == f"before\n{BEGIN}\n\n- **Floor 2**: As it is.\n\n{END}\nafter\n"
    for file in (PAGE, TABLES):
        assert file.read_text().count(BEGIN) == file.read_text().count(END) == 1
