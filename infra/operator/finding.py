"""The result of one check: its status, what was seen, and how to fix it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    PASS = "pass"
    CHANGE = "change"
    """Something that a command changed, or would change."""
    SKIP = "skip"
    """Not checked; `seen` says why."""
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    status: Status
    seen: str
    fix: str = ""
    """What to change, and where; empty if nothing has to change."""
    reason: str = ""
    """The reason of docs/refusals.md if the check explains a token, otherwise empty."""


def passed(check: str, seen: str) -> Finding:
    return Finding(check, Status.PASS, seen)


def skipped(check: str, why: str) -> Finding:
    return Finding(check, Status.SKIP, why)


def warned(check: str, seen: str, fix: str) -> Finding:
    return Finding(check, Status.WARN, seen, fix)


def failed(check: str, seen: str, fix: str) -> Finding:
    return Finding(check, Status.FAIL, seen, fix)


def changed(check: str, seen: str) -> Finding:
    return Finding(check, Status.CHANGE, seen)


def exit_status(findings: Iterable[Finding]) -> int:
    """1 if a check failed, else 0. A warning does not stop a pipeline."""
    return int(any(each.status is Status.FAIL for each in findings))
