"""What the quota allows: how many calls, of whom, in which time."""

from dataclasses import dataclass
from typing import Literal

from app.auth.session import Session

WhenUnavailable = Literal["allow", "deny"]
Kind = Literal["user", "machine", "organization"]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time with counts of its own; the same one in every environment."""

    start: int
    """Seconds since the epoch, a multiple of the length."""
    seconds: int

    @property
    def end(self) -> int:
        return self.start + self.seconds


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose calls are counted together, and how many of them a window takes."""

    kind: Kind
    key: str
    """Names this count, and no other, in the table."""
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRules:
    """The quota's settings, of which at least one limit is not 0."""

    table: str
    per_user: int = 0
    """0 is no limit."""
    per_organization: int = 0
    window_seconds: int = 3600
    when_unavailable: WhenUnavailable = "allow"

    def window(self, now: float) -> Window:
        return Window(int(now // self.window_seconds) * self.window_seconds, self.window_seconds)

    def subjects(self, session: Session, window: Window) -> tuple[Subject, ...]:
        """Whose calls a call of this caller counts among, the user first."""
        counted: list[Subject] = []
        if self.per_user:
            # A machine's id is its client's, in the same field: the kind keeps it apart from a user's.
            kind: Kind = "machine" if session.is_machine else "user"
            counted.append(Subject(kind, _key(kind, session.user_id, window), self.per_user))
        if self.per_organization and session.organization_id:
            key = _key("organization", session.organization_id, window)
            counted.append(Subject("organization", key, self.per_organization))
        return tuple(counted)


def _key(kind: Kind, identity: str, window: Window) -> str:
    # One # ends the kind and two begin the window, whatever the id between them contains: no two keys are alike.
    return f"{kind}#{identity}#{window.seconds}#{window.start}"
