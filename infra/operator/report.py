"""Findings for a person as a table, and for a program as JSON."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict

from infra.operator.finding import Finding, Status

_WIDTH = 110
_LONGEST = 600
_LOUD = {Status.FAIL: "FAIL", Status.WARN: "warn", Status.CHANGE: "CHANGE"}


def printable(text: str, limit: int = 160) -> str:
    """Somebody else's text in one line of a terminal: no control characters, no end without one."""
    line = "".join(each if each.isprintable() else " " for each in text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def table(findings: Sequence[Finding]) -> str:
    """What was checked, then what was not and why, each reason once."""
    column = max((len(each.check) for each in findings), default=0) + 2
    made = [each for each in findings if each.status is not Status.SKIP]
    lines = [line for each in made for line in _lines(each, column)]
    for why in dict.fromkeys(each.seen for each in findings if each.status is Status.SKIP):
        names = ", ".join(each.check for each in findings if each.status is Status.SKIP and each.seen == why)
        lines += _wrapped(f"{names}: {why}", f"  {'skip':<8}", " " * 10)
    return "\n".join(lines)


def _lines(finding: Finding, column: int) -> list[str]:
    head = f"  {_LOUD.get(finding.status, finding.status.value):<8}{finding.check:<{column}}"
    margin = " " * len(head)
    fix = _wrapped(f"fix: {finding.fix}", margin, f"{margin}     ") if finding.fix else []
    return [*_wrapped(finding.seen, head, margin), *fix]


def _wrapped(text: str, first: str, others: str) -> list[str]:
    # Whoever answered wrote part of this text. An address that is cut in two cannot be copied.
    wrapper = textwrap.TextWrapper(_WIDTH, first, others, break_long_words=False, break_on_hyphens=False)
    return wrapper.wrap(printable(text, _LONGEST))


def counted(findings: Sequence[Finding]) -> str:
    """Such as "1 fail, 2 warn, 14 pass"."""
    numbers = {status: sum(each.status is status for each in findings) for status in reversed(Status)}
    return ", ".join(f"{number} {status.value}" for status, number in numbers.items() if number)


def as_json(url: str, findings: Sequence[Finding]) -> str:
    rows = [{name: str(value) for name, value in asdict(each).items() if value != ""} for each in findings]
    worst = "fail" if any(each.status is Status.FAIL for each in findings) else "pass"
    return json.dumps({"url": url, "verdict": worst, "findings": rows}, indent=2)
