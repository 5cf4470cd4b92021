"""A user's connected accounts: one by one, with all providers, and their end."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.pipes.connected_accounts import ConnectedAccount
from infra.local.pipes.pipes import Pipes, find_owner
from infra.local.seed.rows import DataProvider
from infra.local.workos_api.errors import EntityNotFound, InvalidParameters
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import seeded_times, written_epoch
from infra.local.workos_api.users import Users

_PARAMETERS = ("organization_id", "supports_multiple_connections", "connected_account_id")


@dataclass(frozen=True, slots=True)
class ConnectedAccountEndpoints:
    pipes: Pipes
    users: Users
    organizations: Organizations

    async def list_providers(self, request: Request) -> Response:
        """Answer GET /user_management/users/{user_id}/data_providers."""
        user_id, organization_id = self._read(request)
        rows = []
        for place, provider in enumerate(self.pipes.seed.data_providers):
            account = self.pipes.accounts.find(provider.slug, find_owner(provider, user_id, organization_id))
            rows.append(_provider_row(provider, account, place))
        return JSONResponse({"object": "list", "data": rows})

    async def get(self, request: Request) -> Response:
        return JSONResponse(_account_row(self._find(request)))

    async def delete(self, request: Request) -> Response:
        """Remove the account with its tokens. The provider is not told, as with WorkOS."""
        self.pipes.accounts.remove(self._find(request))
        return Response(status_code=204)

    def _find(self, request: Request) -> ConnectedAccount:
        user_id, organization_id = self._read(request)
        slug = request.path_params["slug"]
        provider = self.pipes.find_provider(slug)
        if provider is None or provider.owner != "user":
            raise EntityNotFound("Data Integration", slug)
        account = self.pipes.accounts.find(slug, find_owner(provider, user_id, organization_id))
        wanted = request.query_params.get("connected_account_id")
        if account is None or wanted not in (None, account.id):
            raise EntityNotFound("Connected account", wanted or slug)
        return account

    def _read(self, request: Request) -> tuple[str, str | None]:
        for name in request.query_params:
            if name not in _PARAMETERS:
                raise InvalidParameters(name, "unknown")
        user_id = str(self.users.find(request.path_params["user_id"])["id"])
        organization_id = request.query_params.get("organization_id")
        if organization_id is not None:
            self.organizations.find(organization_id)
        return user_id, organization_id


def _provider_row(provider: DataProvider, account: ConnectedAccount | None, place: int) -> Row:
    times = seeded_times(place)
    shown = None if account is None else _with_old_names(_account_row(account))
    return {
        "object": "data_provider",
        "id": f"data_integration_01LOCAL{provider.slug.upper():0<19.19}",
        "name": provider.name,
        "description": None,
        "slug": provider.slug,
        "integration_type": provider.slug,
        "credentials_type": "oauth2",
        "auth_methods": ["oauth"],
        "scopes": list(provider.scopes),
        "connection_owner": provider.owner,
        "ownership": "organization" if provider.owner == "organization" else "userland_user",
        **times,
        "integrationType": provider.slug,
        "credentialsType": "oauth2",
        "createdAt": times["created_at"],
        "updatedAt": times["updated_at"],
        "connected_account": shown,
        "connected_accounts": [] if shown is None else [shown],
    }


def _account_row(account: ConnectedAccount) -> Row:
    return {
        "object": "connected_account",
        "id": account.id,
        "connection_role": "compatibility",
        "account_identifier": account.login,
        "account_display_name": None,
        "user_id": account.owner.user_id,
        "organization_id": account.owner.organization_id,
        "scopes": list(account.scopes),
        "state": account.state,
        "state_reason": None,
        "auth_method": "oauth",
        "api_key_last_4": None,
        "config": {},
        "established_by_user_id": account.established_by,
        "created_at": written_epoch(account.created_at),
        "updated_at": written_epoch(account.updated_at),
    }


def _with_old_names(row: Row) -> Row:
    """The names that WorkOS still sends inside of the list."""
    return {
        **row,
        "userlandUserId": row["user_id"],
        "organizationId": row["organization_id"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }
