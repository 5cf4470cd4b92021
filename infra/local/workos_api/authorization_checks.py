"""Fine-grained authorization: what a membership may do with a resource, by its roles and the seed's grants."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.seed.rows import ORGANIZATION_TYPE, Resource, Seed
from infra.local.workos_api.body import Body, read_body
from infra.local.workos_api.errors import InvalidParameters
from infra.local.workos_api.memberships import Memberships
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.permissions import Permissions
from infra.local.workos_api.protected_resources import ProtectedResources
from infra.local.workos_api.query import read_query
from infra.local.workos_api.roles import Roles
from infra.local.workos_api.rows import Row

_BY_ID = {"resource_id"}
_BY_EXTERNAL_ID = {"resource_external_id", "resource_type_slug"}


class AuthorizationChecks:
    def __init__(self, seed: Seed, memberships: Memberships, roles: Roles, permissions: Permissions) -> None:
        self._memberships = memberships
        self._resources = ProtectedResources(seed)
        self._roles = roles
        self._permissions = permissions
        self._roles_by_membership = {membership.id: membership.all_roles for membership in seed.memberships}
        self._granted = {
            (grant.membership, grant.resource): frozenset(grant.permissions) for grant in seed.resource_grants
        }

    async def check(self, request: Request) -> Response:
        membership = self._membership(request)
        body = await read_body(request)
        body.only("permission_slug", *_BY_ID, *_BY_EXTERNAL_ID)
        slug = body.text("permission_slug")
        resource = self._target(body, str(membership["organization_id"]))
        self._permissions.find(slug)
        return JSONResponse({"authorized": slug in self._effective(membership, resource)})

    async def list_effective(self, request: Request) -> Response:
        membership, id_ = self._membership(request), request.path_params["resource_id"]
        return self._listed(request, membership, self._resources.by_id(str(membership["organization_id"]), id_))

    async def list_effective_by_external_id(self, request: Request) -> Response:
        membership, names = self._membership(request), request.path_params
        organization, type_ = str(membership["organization_id"]), names["resource_type_slug"]
        resource = self._resources.by_external_id(organization, type_, names["external_id"])
        return self._listed(request, membership, resource)

    def _membership(self, request: Request) -> Row:
        return self._memberships.find(request.path_params["membership_id"])

    def _listed(self, request: Request, membership: Row, resource: Resource) -> Response:
        effective = self._effective(membership, resource)
        return answer_page(
            [row for row in self._permissions.rows if row["slug"] in effective], read_query(request)
        )

    def _effective(self, membership: Row, resource: Resource) -> set[str]:
        """The permissions granted on the resource, and those of roles: for its type, and for the whole
        organisation."""
        if membership["status"] != "active":
            return set()
        id_ = str(membership["id"])
        carried = self._roles.list_permissions(membership["organization_id"], self._roles_by_membership[id_])
        by_roles = {
            slug
            for slug in carried
            if resource.type == ORGANIZATION_TYPE
            or self._permissions.find(slug)["resource_type_slug"] == resource.type
        }
        return by_roles | self._granted.get((id_, resource.id), frozenset())

    def _target(self, body: Body, organization: str) -> Resource:
        """Find the resource, which the body names in one of two ways."""
        named = body.values.keys() & (_BY_ID | _BY_EXTERNAL_ID)
        if named == _BY_ID:
            return self._resources.by_id(organization, body.text("resource_id"))
        if named == _BY_EXTERNAL_ID:
            type_, external_id = body.text("resource_type_slug"), body.text("resource_external_id")
            return self._resources.by_external_id(organization, type_, external_id)
        raise InvalidParameters(
            "resource_id", "invalid", "Send resource_id, or resource_external_id and resource_type_slug."
        )
