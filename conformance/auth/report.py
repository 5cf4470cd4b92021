"""Results as text for a terminal, as JSON, and as the Markdown of docs/conformance.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.auth.requirement import Level, Requirement, Result, Verdict
from conformance.auth.table import FAMILIES, TABLE


@dataclass(frozen=True, slots=True)
class Column:
    """One server's results, by the id of the row."""

    name: str
    results: Mapping[str, Result]
    setup: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[Requirement]:
        """The rows that were run."""
        return [row for row in TABLE if row.id in self.results]

    def failures(self) -> list[tuple[Requirement, Result]]:
        return [(row, self.results[row.id]) for row in self.rows if self.results[row.id].verdict is Verdict.FAIL]

    def score(self, level: Level) -> str:
        counted = [self.results[row.id].verdict for row in self.rows if row.level is level]
        applicable = [verdict for verdict in counted if verdict is not Verdict.NOT_APPLICABLE]
        return f"{applicable.count(Verdict.PASS)} of {len(applicable)}"

    @property
    def conforms(self) -> bool:
        """Every MUST and SHOULD that applies is met."""
        return all(row.level is Level.MAY for row, _ in self.failures())


def line(row: Requirement, result: Result) -> str:
    return f"{result.verdict:4}  {row.level:6}  {row.id:26}  {result.seen}"


def summary(column: Column) -> str:
    return f"{column.name}: " + ", ".join(f"{level} {column.score(level)}" for level in Level)


def as_json(column: Column) -> dict[str, object]:
    return {
        "server": column.name,
        "score": {level.value: column.score(level) for level in Level},
        "results": [
            {
                "id": row.id,
                "behaviour": row.behaviour,
                "requirement": row.level.value,
                "inferred": row.inferred,
                "spec": row.spec,
                "result": column.results[row.id].verdict.value,
                "seen": column.results[row.id].seen,
            }
            for row in column.rows
        ],
    }


def markdown(columns: list[Column]) -> str:
    return "\n\n".join([_scores(columns), _table(columns), *filter(None, map(_failures, columns))])


def _scores(columns: list[Column]) -> str:
    rows = [["", *(column.name for column in columns)], ["---"] * (len(columns) + 1)]
    rows += [[level.value, *(column.score(level) for column in columns)] for level in Level]
    rows.append(["set up", *(column.setup for column in columns)])
    return "\n".join(map(_row, rows))


def _table(columns: list[Column]) -> str:
    rows = [
        ["behaviour", "requirement", "where", *(column.name for column in columns)],
        ["---"] * (3 + len(columns)),
    ]
    for family in FAMILIES:
        run = [row for row in family.rows if row in columns[0].rows]
        title = [f"**{family.title}**", *[""] * (2 + len(columns))]
        rows += [title, *(_cells(row, columns) for row in run)] if run else []
    return "\n".join(map(_row, rows))


def _cells(row: Requirement, columns: list[Column]) -> list[str]:
    level = f"{row.level}{'*' if row.inferred else ''}"
    return [row.behaviour, level, row.spec, *(_cell(row, column.results[row.id]) for column in columns)]


def _cell(row: Requirement, result: Result) -> str:
    if result.verdict is Verdict.FAIL:
        return "no" if row.level is Level.MAY else "**fail**"
    return result.verdict.value


def _failures(column: Column) -> str:
    failures = column.failures()
    if not failures:
        return ""
    lines = [
        f"- {row.behaviour} ({row.level}{'*' if row.inferred else ''}): {result.seen}."
        + (f" {column.remarks[row.id]}" if row.id in column.remarks else "")
        for row, result in failures
    ]
    return "\n".join([f"### What {column.name} does instead", "", *lines])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
