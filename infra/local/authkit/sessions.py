"""Sessions of users who signed in at the login page. They end with a restart."""

from dataclasses import dataclass

from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id

SESSION_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    user_id: str
    user_agent: str | None
    created_at: float

    @property
    def expires_at(self) -> float:
        return self.created_at + SESSION_SECONDS


class Sessions:
    """The active sessions, oldest first. The login page asks for the user each time, with a session or without."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: list[Session] = []

    def start(self, user_id: str, user_agent: str | None) -> Session:
        started = Session(new_id("session"), user_id, user_agent, self._clock())
        self._sessions.append(started)
        return started

    def list_for(self, user_id: str) -> list[Session]:
        now = self._clock()
        return [each for each in self._sessions if each.user_id == user_id and each.expires_at > now]

    def end(self, id_: str) -> bool:
        """End a session; False if there is none with this id."""
        kept = [each for each in self._sessions if each.id != id_]
        ended = len(kept) < len(self._sessions)
        self._sessions = kept
        return ended
