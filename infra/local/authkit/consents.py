"""Consents that users gave to clients, and the refresh tokens that prolong them."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local.authkit.clients import sha256
from infra.local.authkit.expiring import Clock, Expiring
from infra.local.authkit.signing_keys import Claims
from infra.local.authkit.state_file import StateError, read_json, write_json

IDLE_SECONDS = 30 * 24 * 3600
GRACE_SECONDS = 30
"""How long a used refresh token still returns the same tokens (WorkOS docs: AuthKit, Session resilience)."""


@dataclass(frozen=True, slots=True)
class Consent:
    sid: str
    client_id: str
    user_id: str
    organization_id: str | None
    scope: str
    resource: str | None  # as the client asked for it


@dataclass(frozen=True, slots=True)
class Family:
    """A consent and its chain of refresh tokens, of which one at a time is valid."""

    consent: Consent
    audience: str
    current_sha256: str
    used_at: float


class Consents:
    """Refresh families by their key, and consents that were revoked.

    A refresh token is `<family>.<secret>`. A token of a known family with an old secret was used before. Within
    30 seconds the cause is a client that refreshed twice at once: it gets the same answer again. Later the cause
    is a stolen token: the family ends (RFC 9700 section 4.14.2). Answers are kept in memory only, so after a
    restart the 30 seconds do not apply.

    Raises:
        StateError: if the file is damaged.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._answered: Expiring[Claims] = Expiring(GRACE_SECONDS, clock)
        document = read_json(path)
        try:
            self._families = _families(document.get("families", {}))
            self._revoked = {str(sid): float(when) for sid, when in _table(document.get("revoked", {})).items()}
        except (TypeError, ValueError, KeyError) as error:
            raise StateError(path, "a refresh token in it is incomplete") from error

    def start(self, consent: Consent, audience: str) -> str:
        """Make the first refresh token of a consent."""
        return self._put(secrets.token_urlsafe(18), consent, audience)

    def presented(self, token: str, client_id: str) -> Family | None:
        """Find the family of a refresh token of this client; the reuse of an old token ends the family."""
        family = self._families.get(token.partition(".")[0])
        if family is None or family.consent.client_id != client_id:
            return None
        if self.find(token) is None and self.answered(token) is None:
            self.revoke(family.consent.sid)
            return None
        return family if self._clock() - family.used_at <= IDLE_SECONDS else None

    def answered(self, token: str) -> Claims | None:
        """The answer that this refresh token got in the last 30 seconds, if any."""
        return self._answered.get(token)

    def rotate(self, token: str, family: Family, answer: Claims) -> Claims:
        """Make the answer with the next refresh token; a token that was just used gets the same answer again."""
        if before := self.answered(token):
            return answer | {"refresh_token": before["refresh_token"]}
        answer |= {"refresh_token": self._put(token.partition(".")[0], family.consent, family.audience)}
        self._answered.put(token, answer)
        return answer

    def find(self, token: str) -> Family | None:
        """Find the family whose valid refresh token this is."""
        key, _, secret = token.partition(".")
        family = self._families.get(key)
        return family if family and hmac.compare_digest(family.current_sha256, sha256(secret)) else None

    def revoke(self, sid: str) -> None:
        self._families = {key: each for key, each in self._families.items() if each.consent.sid != sid}
        self._revoked[sid] = self._clock()
        self._write()

    def is_revoked(self, sid: object) -> bool:
        return sid in self._revoked

    def _put(self, key: str, consent: Consent, audience: str) -> str:
        secret = secrets.token_urlsafe(32)
        self._families[key] = Family(consent, audience, sha256(secret), self._clock())
        self._write()
        return f"{key}.{secret}"

    def _write(self) -> None:
        oldest = self._clock() - IDLE_SECONDS
        self._families = {key: each for key, each in self._families.items() if each.used_at >= oldest}
        self._revoked = {sid: when for sid, when in self._revoked.items() if when >= oldest}
        families = {key: asdict(each) for key, each in self._families.items()}
        write_json(self._path, {"families": families, "revoked": self._revoked})


def _table(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _families(value: object) -> dict[str, Family]:
    families = {}
    for key, row in _table(value).items():
        fields = dict(_table(row))
        consent = Consent(**_table(fields.pop("consent")))
        families[key] = Family(consent=consent, **fields)  # type: ignore[arg-type]
        _check_types(families[key])
    return families


def _check_types(family: Family) -> None:
    consent = family.consent
    texts = (
        consent.sid,
        consent.client_id,
        consent.user_id,
        consent.scope,
        family.audience,
        family.current_sha256,
    )
    optional = (each for each in (consent.organization_id, consent.resource) if each is not None)
    if not all(isinstance(each, str) for each in (*texts, *optional)) or not isinstance(
        family.used_at, int | float
    ):
        raise TypeError
