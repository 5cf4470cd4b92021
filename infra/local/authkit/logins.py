"""A login in progress: from the client's authorization request to a one-time code."""

import secrets
from dataclasses import dataclass, replace

from infra.local.authkit.clients import Client
from infra.local.authkit.consents import Consent
from infra.local.authkit.expiring import Clock, Expiring
from infra.local.authkit.identifiers import new_id

LOGIN_SECONDS = 600
CODE_SECONDS = 60
REPLAY_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """An authorization request that was checked: its redirect URI is registered, its challenge is S256."""

    client: Client
    redirect_uri: str
    state: str | None
    code_challenge: str
    scope: str
    resource: str | None
    nonce: str | None


@dataclass(frozen=True, slots=True)
class Login:
    request: AuthorizationRequest
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedCode:
    request: AuthorizationRequest
    consent: Consent


class Logins:
    """Logins by their transaction id, which expires after ten minutes or with the last step."""

    def __init__(self, clock: Clock) -> None:
        self._open: Expiring[Login] = Expiring(LOGIN_SECONDS, clock)

    def start(self, request: AuthorizationRequest) -> str:
        transaction = secrets.token_urlsafe(24)
        self._open.put(transaction, Login(request))
        return transaction

    def find(self, transaction: str) -> Login | None:
        return self._open.get(transaction)

    def choose_user(self, transaction: str, user_id: str) -> None:
        if login := self._open.get(transaction):
            self._open.replace(transaction, replace(login, user_id=user_id))

    def finish(self, transaction: str) -> Login | None:
        return self._open.take(transaction)


class Codes:
    """Authorization codes: short-lived, valid once, and remembered after use to notice a replay."""

    def __init__(self, clock: Clock) -> None:
        self._issued: Expiring[IssuedCode] = Expiring(CODE_SECONDS, clock)
        self._spent: Expiring[str] = Expiring(REPLAY_SECONDS, clock)

    def issue(
        self, request: AuthorizationRequest, user_id: str, organization_id: str | None
    ) -> tuple[str, Consent]:
        """Make a code, and the consent that its exchange turns into tokens."""
        consent = Consent(
            sid=new_id("app_consent"),
            client_id=request.client.client_id,
            user_id=user_id,
            organization_id=organization_id,
            scope=request.scope,
            resource=request.resource,
        )
        code = secrets.token_urlsafe(32)
        self._issued.put(code, IssuedCode(request, consent))
        return code, consent

    def take(self, code: str) -> IssuedCode | None:
        issued = self._issued.take(code)
        if issued:
            self._spent.put(code, issued.consent.sid)
        return issued

    def spent_on(self, code: str) -> str | None:
        """The consent for which a code was already exchanged, if any."""
        return self._spent.get(code)
