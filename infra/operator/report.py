"""Write findings as a table for a person, or as JSON for a program."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict

from infra.operator.finding import Finding, Status

_LINE_WIDTH = 110
_MAX_TEXT_LENGTH = 600
_LOUD = {Status.FAIL: "FAIL", Status.WARN: "warn", Status.CHANGE: "CHANGE"}


def printable(text: str, limit: int = 160) -> str:
    """Make text of others safe for one line of a terminal: without control characters, cut to `limit`."""
    line = "".join(each if each.isprintable() else " " for each in text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def table(findings: Sequence[Finding]) -> str:
    """List the checks that were made, then the skipped ones with their reason, each reason once."""
    column = max((len(each.check) for each in findings), default=0) + 2
    checked = [each for each in findings if each.status is not Status.SKIP]
    lines = [line for each in checked for line in _lines(each, column)]
    for why in dict.fromkeys(each.seen for each in findings if each.status is Status.SKIP):
        names = ", ".join(each.check for each in findings if each.status is Status.SKIP and each.seen == why)
        lines += _wrap(f"{names}: {why}", f"  {'skip':<8}", " " * 10)
    return "\n".join(lines)


def _lines(finding: Finding, column: int) -> list[str]:
    head = f"  {_LOUD.get(finding.status, finding.status.value):<8}{finding.check:<{column}}"
    margin = " " * len(head)
    fix = _wrap(f"fix: {finding.fix}", margin, f"{margin}     ") if finding.fix else []
    return [*_wrap(finding.seen, head, margin), *fix]


def _wrap(text: str, first: str, others: str) -> list[str]:
    # Part of the text comes from the other side, so it is made printable. URLs stay whole, to be copied.
    wrapper = textwrap.TextWrapper(_LINE_WIDTH, first, others, break_long_words=False, break_on_hyphens=False)
    return wrapper.wrap(printable(text, _MAX_TEXT_LENGTH))


def summarize(findings: Sequence[Finding]) -> str:
    """Count the findings by status, such as "1 fail, 2 warn, 14 pass"."""
    numbers = {status: sum(each.status is status for each in findings) for status in reversed(Status)}
    return ", ".join(f"{number} {status.value}" for status, number in numbers.items() if number)


def as_json(url: str, findings: Sequence[Finding]) -> str:
    rows = [{name: str(value) for name, value in asdict(each).items() if value != ""} for each in findings]
    worst = "fail" if any(each.status is Status.FAIL for each in findings) else "pass"
    return json.dumps({"url": url, "verdict": worst, "findings": rows}, indent=2)
