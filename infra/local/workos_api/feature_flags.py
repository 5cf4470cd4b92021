"""Feature flags, and which users and organisations have them."""

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.seed.rows import FeatureFlag, Seed
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row, find
from infra.local.workos_api.timestamps import seeded_times
from infra.local.workos_api.users import Users


class FeatureFlags:
    def __init__(self, seed: Seed, users: Users, organizations: Organizations) -> None:
        self._seed = seed
        self._users = users
        self._organizations = organizations
        self._rows = [_row(flag, place) for place, flag in enumerate(seed.feature_flags)]

    async def page(self, request: Request) -> Response:
        return answer_page(self._rows, read_query(request))

    async def get(self, request: Request) -> Response:
        return JSONResponse(find(self._rows, request.path_params["slug"], "Feature flag", "slug"))

    async def list_of_organization(self, request: Request) -> Response:
        organization = str(self._organizations.find(request.path_params["organization_id"])["id"])
        return self._on_for(request, {organization})

    async def list_of_user(self, request: Request) -> Response:
        """The flags of the user and of all organisations of the user."""
        user = str(self._users.find(request.path_params["user_id"])["id"])
        return self._on_for(request, {user, *(each.organization for each in self._seed.active_memberships(user))})

    def _on_for(self, request: Request, targets: Collection[str]) -> Response:
        flags = {flag.slug: flag for flag in self._seed.feature_flags}
        rows = [row for row in self._rows if _is_on(flags[str(row["slug"])], targets)]
        return answer_page(rows, read_query(request))


def _is_on(flag: FeatureFlag, targets: Collection[str]) -> bool:
    return flag.enabled and (flag.default_value or not {*flag.users, *flag.organizations}.isdisjoint(targets))


def _row(flag: FeatureFlag, place: int) -> Row:
    return {
        "object": "feature_flag",
        "id": f"flag_01LOCAL{place:019}",
        "slug": flag.slug,
        "name": flag.name,
        "description": None,
        "owner": None,
        "tags": [],
        "enabled": flag.enabled,
        "default_value": flag.default_value,
        **seeded_times(place),
    }
