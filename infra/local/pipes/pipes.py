"""WorkOS Pipes of one local environment: providers, connected accounts, and connections that are under way."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from infra.local.authkit.expiring import Clock, Expiring
from infra.local.pipes.connected_accounts import ConnectedAccount, ConnectedAccounts, Owner
from infra.local.pipes.provider_tokens import ProviderTokens
from infra.local.seed.rows import DataProvider, ProviderAccount, Seed

CONNECTING_SECONDS = 600
"""For which the URL of an authorisation can be used."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """An authorisation that a server asked for: whose account it will be, and where the browser goes then."""

    provider: DataProvider
    user_id: str
    owner: Owner
    return_to: str | None


@dataclass(frozen=True, slots=True)
class Pipes:
    seed: Seed
    accounts: ConnectedAccounts
    tokens: ProviderTokens
    clock: Clock
    connecting: Expiring[Connecting]
    """By the state in the URL."""
    codes: Expiring[tuple[str, str, tuple[str, ...]]]
    """What an account's owner allowed: provider, login and scopes, by the provider's code."""
    confirmed: Expiring[str] = field(kw_only=True)
    """From the state that WorkOS sent to the provider to that of its own URL."""

    @classmethod
    def read(cls, seed: Seed, state_dir: Path | None, clock: Clock) -> Self:
        """Read what is kept in the folder; without one everything is in memory.

        Raises:
            StateError: if a file in it is damaged.
        """
        return cls(
            seed,
            ConnectedAccounts(state_dir and state_dir / "connected-accounts.json", clock),
            ProviderTokens(state_dir and state_dir / "provider-tokens.json", clock),
            clock,
            Expiring(CONNECTING_SECONDS, clock),
            Expiring(CONNECTING_SECONDS, clock),
            confirmed=Expiring(CONNECTING_SECONDS, clock),
        )

    def find_provider(self, slug: str) -> DataProvider | None:
        return next((each for each in self.seed.data_providers if each.slug == slug), None)

    def list_provider_accounts(self, slug: str) -> list[ProviderAccount]:
        """Who can sign in on the provider's page."""
        return [each for each in self.seed.provider_accounts if each.provider == slug]

    def begin(self, connecting: Connecting) -> str:
        """The state of a new authorisation."""
        state = secrets.token_urlsafe(24)
        self.connecting.put(state, connecting)
        return state

    def connect(self, slug: str, user_id: str, organization_id: str | None) -> ConnectedAccount:
        """Connect the provider's first account at once, with all scopes, as the user could on the pages."""
        provider = self.find_provider(slug)
        if provider is None:
            raise ValueError(f"the seed file has no data provider {slug!r}")
        token = self.tokens.issue(slug, self.list_provider_accounts(slug)[0].login, provider.scopes)
        return self.accounts.connect(slug, find_owner(provider, user_id, organization_id), user_id, token)

    def renew(self, account: ConnectedAccount) -> ConnectedAccount:
        """The account with a token that is valid now, or in the state `needs_reauthorization`."""
        if account.state != "connected" or self.clock() < account.expires_at:
            return account
        return self.accounts.renew(account, self.tokens.refresh(account.refresh_token))


def find_owner(provider: DataProvider, user_id: str, organization_id: str | None) -> Owner:
    """Whose an account at this provider is: the user's, or the organisation's that shares it."""
    return Owner(None if provider.owner == "organization" else user_id, organization_id)
