"""Fine-grained authorization: what a membership may do with one resource, from the seed's grants."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.seed import Seed
from infra.local.seed_api import Resource
from infra.local.workos_api.body import Body, read_body
from infra.local.workos_api.errors import EntityNotFound, InvalidParameters
from infra.local.workos_api.memberships import Memberships
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.permissions import permission_rows
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import find

_BY_ID = {"resource_id"}
_BY_EXTERNAL_ID = {"resource_external_id", "resource_type_slug"}


class AuthorizationChecks:
    def __init__(self, seed: Seed, memberships: Memberships) -> None:
        self._resources = seed.resources
        self._memberships = memberships
        self._permissions = permission_rows(seed)
        self._granted = {
            (grant.membership, grant.resource): frozenset(grant.permissions) for grant in seed.resource_grants
        }

    async def check(self, request: Request) -> Response:
        membership = self._memberships.find(request.path_params["membership_id"])
        body = await read_body(request)
        body.only("permission_slug", *_BY_ID, *_BY_EXTERNAL_ID)
        slug = body.text("permission_slug")
        resource = self._target(body, str(membership["organization_id"]))
        find(self._permissions, slug, "Permission", "slug")
        # An inactive or pending member may do nothing.
        authorized = membership["status"] == "active" and slug in self._of(str(membership["id"]), resource)
        return JSONResponse({"authorized": authorized})

    async def list_effective(self, request: Request) -> Response:
        membership = self._memberships.find(request.path_params["membership_id"])
        id_, organization = request.path_params["resource_id"], str(membership["organization_id"])
        granted = self._of(str(membership["id"]), self._find(organization, id_, lambda each: each.id == id_))
        rows = [row for row in self._permissions if row["slug"] in granted and membership["status"] == "active"]
        return answer_page(rows, read_query(request))

    def _of(self, membership: str, resource: Resource) -> frozenset[str]:
        return self._granted.get((membership, resource.id), frozenset())

    def _target(self, body: Body, organization: str) -> Resource:
        """The resource, which the body names in one way of the two."""
        named = body.values.keys() & (_BY_ID | _BY_EXTERNAL_ID)
        if named == _BY_ID:
            id_ = body.text("resource_id")
            return self._find(organization, id_, lambda each: each.id == id_)
        if named == _BY_EXTERNAL_ID:
            type_, external = body.text("resource_type_slug"), body.text("resource_external_id")
            return self._find(
                organization, external, lambda each: (each.type, each.external_id) == (type_, external)
            )
        raise InvalidParameters(
            "resource_id", "invalid", "Send resource_id, or resource_external_id and resource_type_slug."
        )

    def _find(self, organization: str, named: str, is_it: Callable[[Resource], bool]) -> Resource:
        """The resource, if it belongs to the membership's organisation."""
        found = next((each for each in self._resources if is_it(each) and each.organization == organization), None)
        if found is None:
            raise EntityNotFound("Authorization Resource", named)
        return found
