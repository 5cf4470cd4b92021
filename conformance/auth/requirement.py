"""What the suite asks of a server: one row for each requirement, and the result of checking it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from conformance.auth.issuer import Issuer
from conformance.auth.server import Server


class Level(StrEnum):
    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class Result:
    verdict: Verdict
    seen: str
    """What the server did, in a few words; for a row that does not apply, why not."""


def passed(seen: str) -> Result:
    return Result(Verdict.PASS, seen)


def failed(seen: str) -> Result:
    return Result(Verdict.FAIL, seen)


def not_applicable(why: str) -> Result:
    return Result(Verdict.NOT_APPLICABLE, why)


def judged(holds: bool, seen: str) -> Result:
    return passed(seen) if holds else failed(seen)


Check = Callable[[Server, Issuer], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of the table."""

    id: str
    behaviour: str
    level: Level
    spec: str
    """Where it is asked for: a section of the MCP specification 2026-07-28, or of an RFC."""
    check: Check
    inferred: bool = False
    """No sentence of a specification says it: it follows from the section, or from what clients need."""


@dataclass(frozen=True, slots=True)
class Family:
    """Rows that belong together, in the order in which they are run."""

    title: str
    rows: tuple[Requirement, ...]
