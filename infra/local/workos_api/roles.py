"""Roles of the environment and of organisations, with their permissions."""

import re
from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.seed.rows import Role, Seed
from infra.local.workos_api.body import read_body
from infra.local.workos_api.errors import ApiError, InvalidParameters
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.permissions import Permissions, read_names
from infra.local.workos_api.rows import Row, find
from infra.local.workos_api.timestamps import seeded_times, written_epoch

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")


class Roles:
    def __init__(self, seed: Seed, organizations: Organizations, permissions: Permissions, clock: Clock) -> None:
        self._organizations = organizations
        self._owned = [(role.organization, _seeded_row(role, place)) for place, role in enumerate(seed.roles)]
        self._permissions = permissions
        self._clock = clock

    async def list_environment(self, _request: Request) -> Response:
        return _listed(self._applying(None))

    async def get_environment(self, request: Request) -> Response:
        return JSONResponse(self._find_environment(request))

    async def list_organization(self, request: Request) -> Response:
        return _listed(self._applying(self._organization(request)))

    async def get_organization(self, request: Request) -> Response:
        """Return a role of the organisation itself, or of the environment, whose roles apply to it too."""
        rows = self._applying(self._organization(request))
        return JSONResponse(find(rows, request.path_params["slug"], "Role", "slug"))

    async def create_environment(self, request: Request) -> Response:
        body = await read_body(request)
        body.only("slug", "name", "description", "resource_type_slug")
        slug = body.text("slug")
        if not _SLUG.fullmatch(slug):
            raise InvalidParameters("slug", why="At most 48 of: lower-case letters, digits, hyphen, underscore.")
        named, type_ = read_names(body), self._permissions.check_type(body)
        if any(row["slug"] == slug for row in self._applying(None)):
            raise ApiError(409, f"Role with slug '{slug}' already exists.", "role_slug_conflict")
        now = written_epoch(self._clock())
        row: Row = {"object": "role", "id": new_id("role"), "slug": slug, **named, "type": "EnvironmentRole"}
        row |= {"resource_type_slug": type_, "permissions": [], "created_at": now, "updated_at": now}
        self._owned.append((None, row))
        return JSONResponse(row, 201)

    async def add_permission(self, request: Request) -> Response:
        """Give a role of the environment one more permission; one that it has already changes nothing."""
        role, body = self._find_environment(request), await read_body(request)
        body.only("slug")
        slug = str(self._permissions.find(body.text("slug"))["slug"])
        permissions = role["permissions"]
        if isinstance(permissions, list) and slug not in permissions:
            role |= {"permissions": [*permissions, slug], "updated_at": written_epoch(self._clock())}
        return JSONResponse(role)

    def list_permissions(self, organization: object, slugs: Collection[object]) -> set[str]:
        """All permissions that these roles carry in the organisation."""
        found: set[str] = set()
        for owner, row in self._owned:
            permissions = row["permissions"]
            if row["slug"] in slugs and owner in (None, organization) and isinstance(permissions, list):
                found.update(permissions)
        return found

    def _find_environment(self, request: Request) -> Row:
        return find(self._applying(None), request.path_params["slug"], "Role", "slug")

    def _organization(self, request: Request) -> str:
        return str(self._organizations.find(request.path_params["organization_id"])["id"])

    def _applying(self, organization: str | None) -> list[Row]:
        return [row for owner, row in self._owned if owner in (None, organization)]


def _seeded_row(role: Role, place: int) -> Row:
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
