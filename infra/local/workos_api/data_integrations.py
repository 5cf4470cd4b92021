"""Pipes: tokens of connected accounts, and the URLs at which users connect them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.redirect_uris import LOOPBACK_HOSTS
from infra.local.pipes.connected_accounts import ConnectedAccount, Owner
from infra.local.pipes.pages import CONFIRM_PATH
from infra.local.pipes.pipes import Connecting, Pipes, find_owner
from infra.local.seed.rows import DataProvider
from infra.local.workos_api.body import Body, read_body
from infra.local.workos_api.errors import ApiError, EntityNotFound, InvalidParameters
from infra.local.workos_api.timestamps import written_epoch
from infra.local.workos_api.users import Users

_TOKEN_FIELDS = (
    "user_id",
    "organization_id",
    "connected_account_id",
    "connection_owner",
    "supports_multiple_connections",
)
_AUTHORIZE_FIELDS = (
    "user_id",
    "organization_id",
    "connection_owner",
    "return_to",
    "connection_intent",
    "connected_account_id",
)
# WorkOS takes these too. Here nothing would finish a connection that is held, and each owner has one account.
_NOT_HERE = ("code_challenge", "code_challenge_method", "config", "account_display_name")


@dataclass(frozen=True, slots=True)
class DataIntegrations:
    pipes: Pipes
    users: Users

    async def give_token(self, request: Request) -> Response:
        """Answer POST /data-integrations/{slug}/token."""
        body = await read_body(request)
        body.only(*_TOKEN_FIELDS)
        provider, _, owner = self._read(request, body)
        account = self.pipes.accounts.find(provider.slug, owner)
        if (wanted := body.optional_text("connected_account_id")) and (account is None or account.id != wanted):
            raise EntityNotFound("Connected account", wanted)
        if account is None:
            return JSONResponse({"active": False, "error": "not_installed"})
        account = self.pipes.renew(account)
        if account.state != "connected":
            return JSONResponse({"active": False, "error": "needs_reauthorization"})
        return JSONResponse({"active": True, "access_token": _token_row(provider, account)})

    async def authorize(self, request: Request) -> Response:
        """Answer POST /data-integrations/{slug}/authorize."""
        body = await read_body(request)
        for name in _NOT_HERE:
            if name in body.values:
                raise InvalidParameters(
                    name, "unknown", "The local WorkOS API has no such thing; production does."
                )
        body.only(*_AUTHORIZE_FIELDS)
        provider, user_id, owner = self._read(request, body)
        self._check_intent(body, self.pipes.accounts.find(provider.slug, owner))
        return_to = body.optional_text("return_to")
        if return_to is not None:
            _check_return_to(return_to)
        state = self.pipes.begin(Connecting(provider, user_id, owner, return_to))
        origin = str(request.base_url).rstrip("/")
        return JSONResponse({"url": f"{origin}{CONFIRM_PATH}?state={state}", "state": state})

    def _read(self, request: Request, body: Body) -> tuple[DataProvider, str, Owner]:
        slug = request.path_params["slug"]
        connection_owner = body.optional_text("connection_owner") or "user"
        if connection_owner not in ("user", "organization"):
            raise InvalidParameters("connection_owner", why="It must be user or organization.")
        user_id, organization_id = body.text("user_id"), body.optional_text("organization_id")
        if connection_owner == "organization" and organization_id is None:
            raise InvalidParameters("organization_id", "required")
        provider = self.pipes.find_provider(slug)
        if provider is None or provider.owner != connection_owner:
            raise EntityNotFound("Data Integration", slug)
        self.users.find(user_id)
        if organization_id is not None and self.pipes.seed.membership(user_id, organization_id) is None:
            # WorkOS' OpenAPI document has 400 for both answers.
            raise ApiError(400, f"Organization not found: '{organization_id}'.")
        return provider, user_id, find_owner(provider, user_id, organization_id)

    @staticmethod
    def _check_intent(body: Body, account: ConnectedAccount | None) -> None:
        intent, wanted = body.optional_text("connection_intent"), body.optional_text("connected_account_id")
        if intent not in (None, "reauthorize"):
            raise InvalidParameters("connection_intent", why="The local WorkOS API has one account per owner.")
        if (intent is None) != (wanted is None):
            raise InvalidParameters("connected_account_id", "required" if intent else "unknown")
        if wanted is not None and (account is None or account.id != wanted):
            raise EntityNotFound("Connected account", wanted)


def _token_row(provider: DataProvider, account: ConnectedAccount) -> dict[str, object]:
    return {
        "object": "access_token",
        "access_token": account.access_token,
        "expires_at": written_epoch(account.expires_at),
        "scopes": list(account.scopes),
        "missing_scopes": [scope for scope in provider.scopes if scope not in account.scopes],
    }


def _check_return_to(value: str) -> None:
    parts = urlsplit(value)
    is_allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)
    if not is_allowed or not parts.hostname:
        raise InvalidParameters("return_to", why="It must be an https URL, or http on this machine.")
