"""Tables as Markdown, and their places in docs/scaling.md."""

from collections.abc import Iterable

from tests.blocks import ROOT

PAGE = ROOT / "docs/scaling.md"


def table(heading: str, rows: Iterable[tuple[object, ...]]) -> str:
    columns = [f" {name.strip()} " for name in heading.split("|")]
    lines = ["|" + "|".join(columns) + "|", "|" + "---|" * len(columns)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def count(number: float) -> str:
    return f"{number:,.0f}"


def milliseconds(number: float) -> str:
    return f"{number:,.1f}" if number < 10 else f"{number:,.0f}"


def dollars(number: float) -> str:
    return f"{number:,.2f}" if number < 100 else f"{number:,.0f}"


def percent(share: float) -> str:
    """Of nothing at all: 0."""
    number = 100 * share
    return "0" if not number else "< 0.1" if number < 0.1 else f"{number:.1f}" if number < 10 else f"{number:,.0f}"


def held(page: str, name: str) -> str:
    """What the page has in the place of this table."""
    begin, end = _marks(name)
    return page.partition(begin)[2].partition(end)[0].strip()


def replaced(page: str, name: str, text: str) -> str:
    begin, end = _marks(name)
    before, found, rest = page.partition(begin)
    if not found:
        raise ValueError(f"docs/scaling.md has no place for the table {name}: write {begin} and {end}")
    return f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}"


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- begin: make scaling, {name} -->", f"<!-- end: make scaling, {name} -->"
