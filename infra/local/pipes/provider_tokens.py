"""The tokens that providers such as GitHub give to WorkOS: they expire, are refreshed, and can be revoked."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from infra.local.authkit.expiring import Clock
from infra.local.authkit.state_rows import StateRows

ACCESS_TOKEN_SECONDS = 8 * 3600
"""As of a GitHub App's user access token (GitHub docs: Refreshing user access tokens)."""


@dataclass(frozen=True, slots=True)
class ProviderToken:
    """What one authorisation at a provider gave, with the token that is valid now."""

    provider: str
    login: str
    scopes: tuple[str, ...]
    access_token: str
    refresh_token: str
    expires_at: float


class ProviderTokens:
    """All of them, of all providers.

    Args:
        path: where they are kept over a restart; None keeps them in memory.

    Raises:
        StateError: if the file is damaged.
    """

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._file = StateRows(path, "tokens", "a token", _from_row)
        self._clock = clock
        self._tokens = self._file.read()

    def issue(self, provider: str, login: str, scopes: tuple[str, ...]) -> ProviderToken:
        token = ProviderToken(provider, login, scopes, *self._make_secrets())
        self._tokens.append(token)
        self._file.write(self._tokens)
        return token

    def find(self, provider: str, access_token: str) -> ProviderToken | None:
        """The token, if it is valid at this provider now."""
        found = next((each for each in self._tokens if each.access_token == access_token), None)
        is_valid = found is not None and found.provider == provider and self._clock() < found.expires_at
        return found if is_valid else None

    def refresh(self, refresh_token: str) -> ProviderToken | None:
        """A new pair of tokens for the old one, which ends; None if the provider does not accept it any more."""
        known = next((each for each in self._tokens if each.refresh_token == refresh_token), None)
        if known is None:
            return None
        access, new_refresh, expires_at = self._make_secrets()
        renewed = replace(known, access_token=access, refresh_token=new_refresh, expires_at=expires_at)
        self._tokens[self._tokens.index(known)] = renewed
        self._file.write(self._tokens)
        return renewed

    def revoke(self, provider: str, login: str) -> int:
        """The owner of the account takes the access back, on the provider's own pages; how many tokens ended."""
        left = [each for each in self._tokens if (each.provider, each.login) != (provider, login)]
        ended = len(self._tokens) - len(left)
        self._tokens = left
        self._file.write(self._tokens)
        return ended

    def _make_secrets(self) -> tuple[str, str, float]:
        access, refresh = (f"{prefix}_{secrets.token_hex(18)}" for prefix in ("gho", "ghr"))
        return access, refresh, self._clock() + ACCESS_TOKEN_SECONDS


def _from_row(row: object) -> ProviderToken:
    if not isinstance(row, dict):
        raise TypeError
    names = ("provider", "login", "access_token", "refresh_token")
    if not all(isinstance(row[name], str) for name in names) or not isinstance(row["expires_at"], int | float):
        raise TypeError
    return ProviderToken(**{**row, "scopes": tuple(map(str, row["scopes"]))})
