"""Read who called what from the log of a stage: its lines `exchange` and `refused` (docs/audit.md).

How background work ended is in the worker's log: its lines `work` (docs/background.md).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.operator.stage_aws import AwsRefused, StageAws

MAX_PAGES = 200
"""Pages of the log in one reading. A page holds at most 1 MB or 10,000 lines."""
MAX_CALLS = 50_000
_FIRST_WINDOW_SECONDS = 600
_VALUE = re.compile(r"[\w.:@/+ -]{1,200}")
_NAMES = ("tool", "prompt", "resource")
REFUSED = "refused"
ENDED = "work"
"""The message of the worker's line."""


class InvalidQuestion(Exception):
    """A filter cannot be looked for; the message names the variable and the fix."""


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the log. What a line does not have is an empty text, and `ms` is None."""

    time: float
    """In seconds since 1970."""
    user_id: str
    organization_id: str
    client_id: str
    name: str
    """The tool, prompt or resource, or else the MCP method."""
    outcome: str
    """As in docs/audit.md, or `refused` for a token that was not accepted."""
    reason: str
    ms: float | None
    work: str = ""
    """The id of the background work that it began, asked about, or was the end of."""
    seconds: float | None = None
    """How long background work took in all. None for a call."""

    @property
    def is_end(self) -> bool:
        """Whether this is no call, but the end of background work."""
        return self.seconds is not None

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> "Call | None":
        """Read an event of the log; None if it is another line."""
        try:
            line = json.loads(event["message"])
        except ValueError:
            return None
        if not isinstance(line, dict) or line.get("message") not in ("exchange", REFUSED, ENDED):
            return None
        text = {name: str(line.get(name) or "") for name in line}
        refused = line["message"] == REFUSED
        used = next((text[name] for name in (*_NAMES, "method") if text.get(name)), "")
        detail = text.get("detail") if refused else text.get("needs")
        reason = text.get("reason", "") + (f" ({detail})" if detail else "")
        reason = reason or (f"engine: {text['engine']}" if text.get("engine") else "")
        ms, seconds = line.get("ms"), line.get("seconds")
        return cls(
            time=event["timestamp"] / 1000,
            user_id=text.get("user_id", ""),
            organization_id=text.get("organization_id", ""),
            client_id=text.get("client_id", ""),
            name=used,
            outcome=REFUSED if refused else text.get("outcome", ""),
            reason=reason,
            ms=float(ms) if isinstance(ms, int | float) else None,
            work=text.get("work", ""),
            seconds=float(seconds) if line["message"] == ENDED and isinstance(seconds, int | float) else None,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What to look for. An empty text is not compared."""

    user_id: str = ""
    organization_id: str = ""
    name: str = ""
    outcome: str = ""
    work: str = ""

    def check(self) -> None:
        """Check that the values can stand in a filter pattern, where some characters have a meaning.

        Raises:
            InvalidQuestion: naming the first variable that cannot.
        """
        variables = {
            "USER_ID": self.user_id,
            "ORG": self.organization_id,
            "TOOL": self.name,
            "OUTCOME": self.outcome,
            "WORK": self.work,
        }
        for variable, value in variables.items():
            if value and not _VALUE.fullmatch(value):
                raise InvalidQuestion(
                    f"{variable} is {value[:80]!r}: give letters, digits, spaces and . : @ / + - _, at most 200"
                )

    @property
    def pattern(self) -> str:
        """The filter pattern of CloudWatch Logs, so that AWS sends only these lines."""
        is_use = self.outcome or self.name or self.work
        messages = [REFUSED] if self.outcome == REFUSED else ["exchange"] if is_use else ["exchange", REFUSED]
        return self._build_pattern(messages)

    @property
    def worker_pattern(self) -> str:
        """The same for the worker's log."""
        return self._build_pattern([ENDED])

    def _build_pattern(self, messages: list[str]) -> str:
        parts = [_any_of(("message",), messages)]
        parts += [_any_of(("user_id",), [self.user_id])] if self.user_id else []
        parts += [_any_of(("organization_id",), [self.organization_id])] if self.organization_id else []
        parts += [_any_of(_NAMES, [self.name])] if self.name else []
        parts += [_any_of(("outcome",), [self.outcome])] if self.outcome not in ("", REFUSED) else []
        parts += [_any_of(("work",), [self.work])] if self.work else []
        return "{ " + " && ".join(parts) + " }"

    def matches(self, call: Call) -> bool:
        """Whether the call is one that was asked for. AWS has filtered already; a local AWS does not."""
        return all(
            not wanted or wanted == found
            for wanted, found in (
                (self.user_id, call.user_id),
                (self.organization_id, call.organization_id),
                (self.name, call.name),
                (self.outcome, call.outcome),
                (self.work, call.work),
            )
        )


def _any_of(fields: tuple[str, ...], values: list[str]) -> str:
    alternatives = [f'($.{field} = "{value}")' for field in fields for value in values]
    return alternatives[0] if len(alternatives) == 1 else f"({' || '.join(alternatives)})"


@dataclass(frozen=True, slots=True)
class Reading:
    calls: list[Call]
    """Newest first."""
    since: float
    """The time from which on every call is here, in seconds since 1970."""
    is_complete: bool
    """False if the log had more than one reading takes: then `since` is later than asked for."""


def read_stage(
    aws: StageAws, question: Question, *, since: float, until: float, max_pages: int = MAX_PAGES
) -> Reading:
    """Read the calls of a stage, and the ends of its background work, between two times.

    Raises:
        AwsRefused: if AWS refuses or does not answer; there may be no log of the function, but not of the worker.
    """
    group = find_group(aws)
    calls = read_calls(aws, group, question, since=since, until=until, max_pages=max_pages)
    if question.outcome == REFUSED:
        return calls
    try:
        ends = read_calls(
            aws,
            f"{group}_worker",
            question,
            question.worker_pattern,
            since=since,
            until=until,
            max_pages=max_pages,
        )
    except AwsRefused as refused:
        if refused.code != "ResourceNotFoundException":
            raise
        return calls  # none of the tools works in the background
    known_since = max(calls.since, ends.since)
    found = [each for each in (*calls.calls, *ends.calls) if each.time >= known_since]
    found.sort(key=lambda call: call.time, reverse=True)
    return Reading(found, known_since, is_complete=calls.is_complete and ends.is_complete)


def find_group(aws: StageAws) -> str:
    """The name of the function's log group."""
    return f"/aws/lambda/{aws.deployment.app_name}-{aws.deployment.stage}"


def read_calls(
    aws: StageAws,
    group: str,
    question: Question,
    pattern: str = "",
    *,
    since: float,
    until: float,
    max_pages: int = MAX_PAGES,
) -> Reading:
    """Read the calls in one log between two times, in seconds since 1970.

    CloudWatch Logs answers oldest first. So this reads windows of time from the newest backwards, each twice as
    long as the one before: if there is more than one reading takes, the oldest calls are missing and no others.

    Raises:
        AwsRefused: if AWS refuses, for one because there is no such log group.
    """
    calls: list[Call] = []
    pages, end, length = 0, until, float(_FIRST_WINDOW_SECONDS)
    while end > since:
        start = max(since, end - length)
        window: list[Call] = []
        for page in _pages(aws, group, pattern or question.pattern, start, end):
            pages += 1
            window += [each for each in map(Call.read, page["events"]) if each and question.matches(each)]
            if pages >= max_pages or len(calls) + len(window) > MAX_CALLS:
                return Reading(calls, end, is_complete=False)
        calls += sorted(window, key=lambda call: call.time, reverse=True)
        end, length = start, length * 2
    return Reading(calls, since, is_complete=True)


def _pages(aws: StageAws, group: str, pattern: str, start: float, end: float) -> Iterator[Mapping[str, Any]]:
    # Both times are inclusive to CloudWatch Logs, so the end of one window is before the start of the next.
    return aws.pages(
        "logs",
        "filter_log_events",
        logGroupName=group,
        filterPattern=pattern,
        startTime=int(start * 1000),
        endTime=int(end * 1000) - 1,
    )
