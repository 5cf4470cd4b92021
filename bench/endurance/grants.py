"""What an environment ought to know of its callers' permissions, by docs/authorisation.md: asked once a minute."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from infra.local.seed.load import load_seed

MINUTE, QUIET, MOST = 60.0, 5.0, 1000
"""How long an answer serves, how long nobody asks after a failure, and how many answers are kept."""

Held = Literal["granted", "denied", "undecidable"]
_SEED = load_seed()
ROLES: Mapping[tuple[str, str], tuple[str, ...]] = {
    (row.user, row.organization): tuple(row.all_roles) for row in _SEED.memberships if row.status == "active"
}
"""The roles that WorkOS knows, by user and organisation."""


class _Silent(Exception):
    """WorkOS cannot be asked."""


@dataclass
class KnownGrants:
    is_up: Callable[[], bool]
    silent_at: float = -math.inf
    asked_at: dict[str, dict[tuple[str, str], float]] = field(default_factory=lambda: {"user": {}, "role": {}})
    questions: int = 0

    def holds(self, permission: str, user: str, organization: str | None, now: float) -> Held:
        """Whether a person whose token says nothing of it has the permission."""
        if organization is None:
            return "denied"
        try:
            self._know("user", (user, organization), now)
            roles = sorted(ROLES.get((user, organization), ()))
            for role in roles:
                self._know("role", (organization, role), now)
        except _Silent:
            return "undecidable"
        carried = {each for role in roles for each in _SEED.role(role).permissions}
        return "granted" if permission in carried else "denied"

    def _know(self, kind: str, key: tuple[str, str], now: float) -> None:
        kept = self.asked_at[kind]
        if key in kept and now - kept[key] < MINUTE:
            return
        if now - self.silent_at < QUIET:
            raise _Silent
        self.questions += 1
        if not self.is_up():
            self.silent_at = now
            raise _Silent
        kept.pop(key, None)
        while len(kept) >= MOST:
            del kept[next(iter(kept))]
        kept[key] = now
