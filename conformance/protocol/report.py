"""Results as lines for a terminal, and as the Markdown of docs/conformance.md."""

from collections.abc import Mapping, Sequence

from conformance.protocol.suite import Outcome

BEGIN, END = "<!-- begin: make conformance -->", "<!-- end: make conformance -->"

LONGEST = 300
"""Characters of what a scenario says in a terminal; all of it is in its folder."""

Results = Mapping[str, Sequence[Outcome]]
"""By revision."""


def score(outcomes: Sequence[Outcome]) -> str:
    return f"{sum(each.is_pass for each in outcomes)} of {len(outcomes)}"


def lines(revision: str, outcomes: Sequence[Outcome], expected: Sequence[str]) -> list[str]:
    """The score, and each scenario that does not pass, or with a warning."""
    scored, unscored = _split(outcomes)
    head = f"{revision}: {score(scored)} scored scenarios pass, and {score(unscored)} that are not scored"
    told = [each for each in (*scored, *unscored) if each.failures or each.warnings]
    extension = [each.scenario for each in told if each.unscored == "extension"]
    return [
        head,
        *(_line(each, expected) for each in told if each.unscored != "extension"),
        *([f"  fail, of extensions: {', '.join(extension)}"] if extension else []),
    ]


def markdown(results: Results, expected: Sequence[str], versions: Mapping[str, str]) -> str:
    """The versions, the scores, and a table of every scenario."""
    head = ["", *results]
    split = {revision: _split(outcomes) for revision, outcomes in results.items()}
    scores = [head, ["---"] * len(head)]
    scores += [
        [title, *(score(split[revision][index]) for revision in results)]
        for index, title in enumerate(["scored", "run, and not scored"])
    ]
    return "\n\n".join(
        [
            ", ".join(f"{name} {version}" for name, version in versions.items()) + ".",
            _table(scores),
            _table([["scenario", *results], ["---"] * len(head), *_rows(results, expected)]),
        ]
    )


def replaced(page: str, text: str) -> str:
    """The page with the text in the place that it keeps for it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def _split(outcomes: Sequence[Outcome]) -> tuple[list[Outcome], list[Outcome]]:
    return [each for each in outcomes if not each.unscored], [each for each in outcomes if each.unscored]


def _line(outcome: Outcome, expected: Sequence[str]) -> str:
    if outcome.scenario in expected:
        return f"  fails, as expected: {outcome.scenario}"
    verdict = "passes with a warning" if outcome.is_pass else "fails"
    kind = f" ({outcome.unscored})" if outcome.unscored else ""
    return f"  {verdict}: {outcome.scenario}{kind}: {'; '.join((*outcome.failures, *outcome.warnings))[:LONGEST]}"


def _rows(results: Results, expected: Sequence[str]) -> list[list[str]]:
    """Scored ones first, each in the order of the revision that has it first."""
    found = {revision: {each.scenario: each for each in outcomes} for revision, outcomes in results.items()}
    ordered = [each for index in (0, 1) for outcomes in results.values() for each in _split(outcomes)[index]]
    names = dict.fromkeys(each.scenario for each in ordered)
    return [[name, *(_cell(found[revision].get(name), expected) for revision in results)] for name in names]


def _cell(outcome: Outcome | None, expected: Sequence[str]) -> str:
    if outcome is None:
        return ""
    kind = f" ({outcome.unscored})" if outcome.unscored else ""
    if not outcome.is_pass:
        return f"**fail**{', expected' if outcome.scenario in expected else ''}{kind}"
    if outcome.warnings:
        return f"pass, with a warning{kind}"
    return f"pass{kind}" if outcome.passed else f"pass, nothing to check{kind}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
