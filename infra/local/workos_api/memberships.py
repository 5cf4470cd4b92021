"""Organisation memberships: which user has which role in which organisation."""

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.seed.rows import MEMBERSHIP_STATUSES, Membership, Seed
from infra.local.workos_api.errors import Unprocessable
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import Query, read_query
from infra.local.workos_api.rows import Row, find, matches
from infra.local.workos_api.timestamps import seeded_times
from infra.local.workos_api.users import Users


class Memberships:
    def __init__(self, seed: Seed, users: Users, organizations: Organizations) -> None:
        self._memberships = seed.memberships
        self._users = users
        self._organizations = organizations

    def find(self, id_: str) -> Row:
        return find(self._rows(), id_, "Organization Membership")

    async def get(self, request: Request) -> Response:
        return JSONResponse(self.find(request.path_params["id"]))

    async def page(self, request: Request) -> Response:
        query = read_query(request, "user_id", "organization_id", "statuses")
        user, organization = query.filter("user_id"), query.filter("organization_id")
        if user is None and organization is None:
            raise Unprocessable("missing_user_id_or_organization_id")
        if user is not None:
            self._users.find(user)
        if organization is not None:
            self._organizations.find(organization)
        statuses, wanted = _statuses(query), {"user_id": user, "organization_id": organization}
        rows = [row for row in self._rows() if row["status"] in statuses and matches(row, wanted)]
        return answer_page(rows, query)

    def _rows(self) -> list[Row]:
        # Made for each request, so that a renamed user has the new name here too.
        return [self._row(membership, place) for place, membership in enumerate(self._memberships)]

    def _row(self, membership: Membership, place: int) -> Row:
        return {
            "object": "organization_membership",
            "id": membership.id,
            "user_id": membership.user,
            "organization_id": membership.organization,
            "organization_name": self._organizations.find(membership.organization)["name"],
            "status": membership.status,
            "directory_managed": False,
            "custom_attributes": {},
            "role": {"slug": membership.role},
            "roles": [{"slug": slug} for slug in membership.all_roles],
            "user": self._users.find(membership.user),
            **seeded_times(place),
        }


def _statuses(query: Query) -> Collection[str]:
    """The requested statuses; by default only active."""
    statuses = query.listed("statuses")
    if statuses is None:
        return ("active",)
    if not MEMBERSHIP_STATUSES.issuperset(statuses):
        raise Unprocessable("invalid_request_parameters")
    return statuses
