"""Scores, the table and the failures, from results."""

from conformance.auth.compare import BEGIN, END, PAGE, between
from conformance.auth.report import Column, as_json, markdown
from conformance.auth.requirement import Level, Result, failed, not_applicable, passed
from conformance.auth.subjects.ours import SET_ASIDE
from conformance.auth.table import TABLE

GOOD = Column("Good 1.0", {row.id: passed("401") for row in TABLE}, "as it is")


def column(**changed: Result) -> Column:
    changes = {name.replace("_", "-"): result for name, result in changed.items()}
    return Column("Other 2.0", {**GOOD.results, **changes})


def test_what_does_not_apply_is_not_counted() -> None:
    must = sum(row.level is Level.MUST for row in TABLE)

    assert GOOD.score(Level.MUST) == f"{must} of {must}"
    assert column(challenge_401=not_applicable("why")).score(Level.MUST) == f"{must - 1} of {must - 1}"
    assert column(challenge_401=failed("200")).score(Level.MUST) == f"{must - 1} of {must}"


def test_a_may_that_is_not_met_leaves_a_server_conforming() -> None:
    assert column(metadata_root=failed("404")).conforms
    assert not column(challenge_scope=failed("absent")).conforms


def test_every_row_has_its_place_with_one_cell_for_each_server() -> None:
    lines = markdown([GOOD, column(metadata_root=failed("404"), good_token=failed("401"))]).splitlines()
    cells = {"metadata-root": "| pass | no |", "good-token": "| pass | **fail** |"}

    for row in TABLE:
        (line,) = [line for line in lines if line.startswith(f"| {row.behaviour} | {row.level}")]
        assert line.endswith(cells.get(row.id, "| pass | pass |"))


def test_a_failure_says_what_was_seen() -> None:
    told = markdown([GOOD, column(metadata_root=failed("404"))])

    assert (
        "### What Other 2.0 does instead\n\n- The document is at the root's well-known path too (MAY): 404."
        in told
    )
    assert "Good 1.0 does instead" not in told


def test_rows_that_were_not_run_are_left_out() -> None:
    partly = Column("Partly", {"good-token": passed("200, served")})

    assert "The challenge" not in markdown([partly])
    assert [row["id"] for row in as_json(partly)["results"]] == ["good-token"]  # type: ignore[attr-defined]


def test_the_page_keeps_what_stands_around_the_table() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert between(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert between(between(page, "new"), "newer") == between(page, "newer")


def test_the_page_shows_the_table_as_it_is() -> None:
    shown = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]

    for row in TABLE:
        level = f"{row.level}{'*' if row.inferred else ''}"
        ours = "**fail**" if row.id in SET_ASIDE else "pass"
        beginning = f"| {row.behaviour} | {level} | {row.spec} | {ours} |"
        assert sum(line.startswith(beginning) for line in shown) == 1, row.id
