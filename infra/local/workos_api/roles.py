"""Roles of the environment and of organisations, with their permissions."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.seed.rows import Role, Seed
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.permissions import permission_rows
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row, find
from infra.local.workos_api.timestamps import seeded_times


class Roles:
    def __init__(self, seed: Seed, organizations: Organizations) -> None:
        self._organizations = organizations
        self._owned = [(role.organization, _row(role, place)) for place, role in enumerate(seed.roles)]
        self._permissions = permission_rows(seed)

    async def list_environment(self, _request: Request) -> Response:
        return _listed(self._applying(None))

    async def get_environment(self, request: Request) -> Response:
        return JSONResponse(find(self._applying(None), request.path_params["slug"], "Role", "slug"))

    async def list_organization(self, request: Request) -> Response:
        return _listed(self._applying(self._organization(request)))

    async def get_organization(self, request: Request) -> Response:
        """Return a role of the organisation itself, or of the environment, whose roles apply to it too."""
        rows = self._applying(self._organization(request))
        return JSONResponse(find(rows, request.path_params["slug"], "Role", "slug"))

    async def list_permissions(self, request: Request) -> Response:
        return answer_page(self._permissions, read_query(request))

    async def get_permission(self, request: Request) -> Response:
        return JSONResponse(find(self._permissions, request.path_params["slug"], "Permission", "slug"))

    def _organization(self, request: Request) -> str:
        return str(self._organizations.find(request.path_params["organization_id"])["id"])

    def _applying(self, organization: str | None) -> list[Row]:
        return [row for owner, row in self._owned if owner in (None, organization)]


def _row(role: Role, place: int) -> Row:
    return {
        "object": "role",
        "id": f"role_01LOCAL{role.slug.upper().replace('-', '')}",
        "slug": role.slug,
        "name": role.name,
        "description": None,
        "type": "EnvironmentRole" if role.organization is None else "OrganizationRole",
        "resource_type_slug": "organization",
        "permissions": list(role.permissions),
        **seeded_times(place),
    }


def _listed(rows: list[Row]) -> Response:
    """List roles by priority, on one page: WorkOS does not page roles."""
    return JSONResponse({"object": "list", "data": rows})
