"""What the quota allows: how many calls, for whom, in which time."""

from dataclasses import dataclass
from typing import Literal

from app.auth.session import Session

WhenUnavailable = Literal["allow", "deny"]
Kind = Literal["user", "machine", "organization"]


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
    """A user, machine or organisation whose calls are counted together."""

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
            # A machine has its client id in the same field as a user's id: the kind keeps the two apart.
            kind: Kind = "machine" if session.is_machine else "user"
            counted.append(Subject(kind, _build_key(kind, session.user_id, window), self.per_user))
        if self.per_organization and session.organization_id:
            key = _build_key("organization", session.organization_id, window)
            counted.append(Subject("organization", key, self.per_organization))
        return tuple(counted)


def _build_key(kind: Kind, identity: str, window: Window) -> str:
    # The first # ends the kind and the last two begin the window, so no id can make two keys equal.
    return f"{kind}#{identity}#{window.seconds}#{window.start}"
