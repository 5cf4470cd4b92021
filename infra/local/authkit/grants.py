"""What users granted: consents behind tokens, the applications that they let in, and their sessions.

AuthKit and the WorkOS API share one of these: what the API ends, AuthKit refuses from then on.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from infra.local.authkit.authorizations import Authorizations
from infra.local.authkit.consents import Consents
from infra.local.authkit.expiring import Clock
from infra.local.authkit.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Grants:
    consents: Consents
    authorizations: Authorizations
    sessions: Sessions

    @classmethod
    def read(cls, state_dir: Path, clock: Clock) -> Self:
        """Read what is kept in the folder.

        Raises:
            StateError: if a file in it is damaged.
        """
        consents = Consents(state_dir / "refresh-tokens.json", clock)
        authorizations = Authorizations(state_dir / "authorizations.json", consents.revoke, clock)
        return cls(consents, authorizations, Sessions(clock))
