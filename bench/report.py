"""Figures as Markdown: the ten that matter, the targets, and every table with ratios in its cells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench import cold, keys_at_start, restored, sizes, warm
from bench.subject import LEGACY, MODERN, Figure
from bench.targets import outcomes

Cells = list[str]
HEADLINE_SUBJECTS = ("ours", "sdk", "fastmcp", "floor")


@dataclass(frozen=True, slots=True)
class Headline:
    """A row of a table under a label that a reader understands without the table."""

    label: str
    table: str
    what: str


HEADLINES = (
    Headline("one `tools/call`, 2026-07-28, median", warm.P50, f"tools/call, {MODERN}, new token"),
    Headline("one `tools/call`, 2025-11-25, median", warm.P50, f"tools/call, {LEGACY}, new token"),
    Headline("one `tools/call`, 2026-07-28, 99th percentile", warm.P99, f"tools/call, {MODERN}, new token"),
    Headline("`tools/list` of 1000 tools, median", warm.COUNTS, f"tools/list, {MODERN}, 1000 tools, new token"),
    Headline("401 without a token, median", warm.P50, "401, no token"),
    Headline(
        "cold start without SnapStart: CPU to the first answer",
        cold.TABLE,
        "CPU to the first answer, with byte code",
    ),
    Headline("cold start with SnapStart: the first call", restored.TABLE, "first call after the restore"),
    Headline("peak memory at the first answer", cold.TABLE, "peak memory, with byte code"),
    Headline("size of the zip", sizes.TABLE, "zip, with byte code"),
    Headline(
        "HTTP status for a good token while a fresh environment cannot reach AuthKit",
        keys_at_start.TABLE,
        "a good token's status, the issuer refuses connections",
    ),
)


def markdown(figures: Sequence[Figure], titles: Mapping[str, str]) -> str:
    """Every table. `titles` has the heading of a column by the key of its subject; without one the key is it."""
    tables = list(dict.fromkeys(figure.table for figure in figures))
    return "\n\n".join(
        _table(table, [figure for figure in figures if figure.table == table], titles) for table in tables
    )


def setups(notes: Mapping[str, str]) -> str:
    return "\n".join(f"- **{title}**: {note}" for title, note in notes.items())


def headlines(figures: Sequence[Figure], titles: Mapping[str, str]) -> str:
    """The ten figures that matter to a user, as medians. A row that was not measured is left out."""
    found = {(figure.table, figure.what, figure.subject): figure for figure in figures}
    subjects = [subject for subject in HEADLINE_SUBJECTS if subject in titles]
    rows = [["", *(titles[subject] for subject in subjects)]]
    for row in HEADLINES:
        ours = found.get((row.table, row.what, "ours"))
        if ours is not None:
            cells = [found.get((row.table, row.what, subject)) for subject in subjects]
            label = f"{row.label}, {ours.unit}" if ours.unit else row.label
            rows.append([label, *("-" if cell is None else _number(cell.median) for cell in cells)])
    return _lines(rows)


def targets(figures: Sequence[Figure], titles: Mapping[str, str]) -> str:
    """Each bound, what was measured, and whether it is met; empty if no figure has a bound."""
    found = outcomes(figures)
    if not found:
        return ""
    rows = [["figure", "divided by", "at most", "measured", ""]]
    for outcome in found:
        target = outcome.target
        peer = titles.get(target.peer, target.peer) if target.peer else "nothing: milliseconds"
        verdict = "met" if outcome.is_met else "**missed**"
        label = f"{target.table}: {target.what}"
        rows.append([label, peer, f"{target.at_most:g}", f"{outcome.measured:.3f}", verdict])
    return _lines(rows)


def _table(table: str, figures: Sequence[Figure], titles: Mapping[str, str]) -> str:
    subjects = _in_order((figure.subject for figure in figures), titles)
    rows = list(dict.fromkeys((figure.what, figure.unit) for figure in figures))
    found = {(figure.what, figure.subject): figure for figure in figures}
    lines = [["", *(titles.get(subject, subject) for subject in subjects)]]
    for what, unit in rows:
        ours = next((found[what, own] for own in filter(_is_ours, subjects) if (what, own) in found), None)
        cells = [_cell(found.get((what, subject)), ours) for subject in subjects]
        lines.append([f"{what}, {unit}" if unit else what, *cells])
    return f"### {table}\n\n{_lines(lines)}"


def _in_order(subjects: Iterable[str], titles: Mapping[str, str]) -> list[str]:
    """Subjects in the order of `titles`, then the others; all variants of this server come before its peers."""
    known = list(titles)

    def place(subject: str) -> tuple[bool, int]:
        return not _is_ours(subject), known.index(subject) if subject in known else len(known)

    return sorted(dict.fromkeys(subjects), key=place)


def _is_ours(subject: str) -> bool:
    return subject.startswith("ours")


def _cell(figure: Figure | None, ours: Figure | None) -> str:
    """The median, minimum and maximum; for a peer also this server's median divided by the peer's."""
    if figure is None:
        return "-"
    text = _number(figure.median)
    if figure.least != figure.most:
        text = f"{text} ({_number(figure.least)} to {_number(figure.most)})"
    # A figure without a unit is a count or an HTTP status: its ratio means nothing.
    if ours is None or _is_ours(figure.subject) or not figure.unit or not figure.median:
        return text
    return f"{text} · {ours.median / figure.median:.2f}"


def _number(value: float) -> str:
    """Three significant digits; whole numbers in full."""
    if value == int(value) or value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _lines(rows: list[Cells]) -> str:
    rule = ["---", *["---:"] * (len(rows[0]) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], rule, *rows[1:]])
