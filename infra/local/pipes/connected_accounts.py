"""The accounts that users connected, as WorkOS keeps them: whose each is, and the tokens of the provider."""

from dataclasses import dataclass, replace
from pathlib import Path

from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.authkit.state_rows import StateRows
from infra.local.pipes.provider_tokens import ProviderToken


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has an account: a user, for one organisation or for none, or an organisation that shares it."""

    user_id: str | None
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    id: str
    provider: str
    owner: Owner
    login: str
    scopes: tuple[str, ...]
    access_token: str
    refresh_token: str
    expires_at: float
    created_at: float
    updated_at: float
    established_by: str | None
    """The user who connected it."""
    state: str = "connected"
    """Or `needs_reauthorization`, once the provider does not accept the refresh token any more."""


class ConnectedAccounts:
    """One account for each owner at each provider.

    Args:
        path: where they are kept over a restart; None keeps them in memory.

    Raises:
        StateError: if the file is damaged.
    """

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._file = StateRows(path, "accounts", "an account", _from_row)
        self._clock = clock
        self._accounts = self._file.read()

    def find(self, provider: str, owner: Owner) -> ConnectedAccount | None:
        return next((each for each in self._accounts if (each.provider, each.owner) == (provider, owner)), None)

    def connect(self, provider: str, owner: Owner, user_id: str, token: ProviderToken) -> ConnectedAccount:
        """Connect an account, or give a connected one new tokens; its id stays."""
        known, now = self.find(provider, owner), self._clock()
        account = ConnectedAccount(
            id=known.id if known else new_id("data_installation"),
            provider=provider,
            owner=owner,
            login=token.login,
            scopes=token.scopes,
            access_token=token.access_token,
            refresh_token=token.refresh_token,
            expires_at=token.expires_at,
            created_at=known.created_at if known else now,
            updated_at=now,
            established_by=user_id,
        )
        self._put(account)
        return account

    def renew(self, account: ConnectedAccount, token: ProviderToken | None) -> ConnectedAccount:
        """Store what the provider gave for the refresh token; with None it has to be authorised again."""
        if token is None:
            changed = replace(account, state="needs_reauthorization", updated_at=self._clock())
        else:
            changed = replace(
                account,
                access_token=token.access_token,
                refresh_token=token.refresh_token,
                expires_at=token.expires_at,
                updated_at=self._clock(),
            )
        self._put(changed)
        return changed

    def remove(self, account: ConnectedAccount) -> None:
        self._accounts = [each for each in self._accounts if each.id != account.id]
        self._file.write(self._accounts)

    def _put(self, account: ConnectedAccount) -> None:
        self._accounts = [*(each for each in self._accounts if each.id != account.id), account]
        self._file.write(self._accounts)


def _from_row(row: object) -> ConnectedAccount:
    if not isinstance(row, dict) or not isinstance(row["id"], str) or not isinstance(row["owner"], dict):
        raise TypeError
    return ConnectedAccount(**{**row, "owner": Owner(**row["owner"]), "scopes": tuple(map(str, row["scopes"]))})
