"""What the quota allows: how many calls, for whom, in which time."""

import re
from dataclasses import dataclass
from typing import Literal

from app.auth.session import Session

WhenUnavailable = Literal["allow", "deny"]
Kind = Literal["user", "machine", "api_key", "organization"]


@dataclass(frozen=True, slots=True)
class Window:
    """A period with counts of its own. All environments have the same windows."""

    start: int
    """Seconds since the epoch, a multiple of the length."""
    seconds: int

    @property
    def end(self) -> int:
        return self.start + self.seconds


@dataclass(frozen=True, slots=True)
class Subject:
    """A user, machine, API key of an organisation, or organisation whose calls are counted together."""

    kind: Kind
    key: str
    """The name of this count in the table; no other count has it."""
    limit: int
    """Calls in one window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRules:
    """The settings of the quota. At least one of the two limits is not 0."""

    table: str
    per_user: int = 0
    """Calls in one window; 0 means no limit."""
    per_organization: int = 0
    """Calls in one window of all its members together; 0 means no limit."""
    window_seconds: int = 3600
    when_unavailable: WhenUnavailable = "allow"
    """What to do with calls while the table cannot be reached."""

    def window(self, now: float) -> Window:
        """Return the window of a time in seconds since the epoch."""
        return Window(int(now // self.window_seconds) * self.window_seconds, self.window_seconds)

    def subjects(self, session: Session, window: Window) -> tuple[Subject, ...]:
        """Return for whom a call of this caller counts, the user first."""
        counted: list[Subject] = []
        if self.per_user:
            # A machine has its client id in the same field as a user's id: the kind keeps the two apart. A user's
            # API key counts for the user.
            kind: Kind = "user" if session.is_person else session.kind
            counted.append(Subject(kind, _build_key(kind, session.user_id, window), self.per_user))
        if self.per_organization and session.organization_id:
            key = _build_key("organization", session.organization_id, window)
            counted.append(Subject("organization", key, self.per_organization))
        return tuple(counted)


def _build_key(kind: Kind, identity: str, window: Window) -> str:
    # The first # ends the kind and the last two begin the window, so no id can make two keys equal.
    return f"{kind}#{identity}#{window.seconds}#{window.start}"


# What the text of each setting means. A ValueError says what is wrong, as a sentence that follows the name.


def parse_table_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", value):
        raise ValueError("must be the name of a DynamoDB table, for example my-server-dev-quota")
    return value


def parse_calls(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("must be a whole number of calls, for example 1000; 0 means no limit")
    return int(value)


def parse_window_seconds(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 86400:
        raise ValueError("must be a whole number of seconds from 1 to 86400, for example 3600")
    return int(value)


def parse_when_unavailable(value: str) -> WhenUnavailable:
    choices: dict[str, WhenUnavailable] = {"allow": "allow", "deny": "deny"}
    if value not in choices:
        raise ValueError("must be allow or deny")
    return choices[value]
