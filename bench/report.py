"""Figures as Markdown: the targets first, then each table, with ratios in its cells."""

from collections.abc import Iterable, Mapping, Sequence

from bench.subject import Figure
from bench.targets import Outcome, outcomes

Cells = list[str]


def markdown(figures: Sequence[Figure], titles: Mapping[str, str]) -> str:
    """`titles` are the columns' headings by the key of the subject; what is not in it heads its own column."""
    tables = list(dict.fromkeys(figure.table for figure in figures))
    parts = [_targets(outcomes(figures), titles)]
    parts += [_table(table, [figure for figure in figures if figure.table == table], titles) for table in tables]
    return "\n\n".join(filter(None, parts))


def setups(notes: Mapping[str, str]) -> str:
    return "\n".join(f"- **{title}**: {note}" for title, note in notes.items())


def _targets(reached: Sequence[Outcome], titles: Mapping[str, str]) -> str:
    if not reached:
        return ""
    rows = [["figure", "relative to", "at most", "measured", ""]]
    for outcome in reached:
        target = outcome.target
        rows.append(
            [
                f"{target.table}: {target.what}",
                titles.get(target.against, "its own p50"),
                f"{target.most:g}",
                f"{outcome.ratio:.3f}",
                "met" if outcome.is_met else "**missed**",
            ]
        )
    return f"### Targets\n\n{_lines(rows)}"


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
    """As in `titles`; others behind them, but forms of ours before all peers."""
    known = list(titles)

    def place(subject: str) -> tuple[bool, int]:
        return not _is_ours(subject), known.index(subject) if subject in known else len(known)

    return sorted(dict.fromkeys(subjects), key=place)


def _is_ours(subject: str) -> bool:
    return subject.startswith("ours")


def _cell(figure: Figure | None, ours: Figure | None) -> str:
    """The median, the least and the most in brackets; for a peer also the first column divided by it."""
    if figure is None:
        return "-"
    text = _number(figure.median)
    if figure.least != figure.most:
        text = f"{text} ({_number(figure.least)} to {_number(figure.most)})"
    # What has no unit is a count or a status.
    if ours is None or _is_ours(figure.subject) or not figure.unit or not figure.median:
        return text
    return f"{text} · {ours.median / figure.median:.2f}"


def _number(value: float) -> str:
    """Three digits that say something."""
    if value == int(value) or value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _lines(rows: list[Cells]) -> str:
    rule = ["---", *["---:"] * (len(rows[0]) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], rule, *rows[1:]])
