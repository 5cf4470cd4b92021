"""Permissions: those that roles or grants of the seed name, and those that are created through the API."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.seed.rows import ORGANIZATION_TYPE, Seed
from infra.local.workos_api.body import Body, read_body
from infra.local.workos_api.errors import ApiError, EntityNotFound, InvalidParameters
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row, find
from infra.local.workos_api.timestamps import seeded_times, written_epoch

MAX_NAME_LENGTH = 48
MAX_DESCRIPTION_LENGTH = 150
_SLUG = re.compile(r"[a-z0-9_:.*-]{1,48}")


class Permissions:
    """The permissions of the environment, oldest first."""

    def __init__(self, seed: Seed, clock: Clock) -> None:
        self.rows = _seeded_rows(seed)
        self._types = {ORGANIZATION_TYPE, *(each.type for each in seed.resources)}
        self._clock = clock

    async def page(self, request: Request) -> Response:
        return answer_page(self.rows, read_query(request))

    async def get(self, request: Request) -> Response:
        return JSONResponse(self.find(request.path_params["slug"]))

    async def create(self, request: Request) -> Response:
        body = await read_body(request)
        body.only("slug", "name", "description", "resource_type_slug")
        slug = body.text("slug")
        if not _SLUG.fullmatch(slug):
            raise InvalidParameters(
                "slug",
                why="At most 48 of: a-z, 0-9, hyphen, underscore, colon, period, asterisk.",
            )
        named = read_names(body)
        type_ = self.check_type(body)
        if any(row["slug"] == slug for row in self.rows):
            raise ApiError(409, f"Permission with slug '{slug}' already exists.", "permission_slug_conflict")
        now = written_epoch(self._clock())
        row = {"object": "permission", "id": new_id("perm"), "slug": slug, **named, "system": False}
        self.rows.append(row | {"resource_type_slug": type_, "created_at": now, "updated_at": now})
        return JSONResponse(self.rows[-1], 201)

    def find(self, slug: str) -> Row:
        return find(self.rows, slug, "Permission", "slug")

    def check_type(self, body: Body) -> str:
        """Read the type of resource that a permission or a role is for; by default the organisation."""
        type_ = body.optional_text("resource_type_slug") or ORGANIZATION_TYPE
        if type_ not in self._types:
            raise EntityNotFound("Resource type", type_)
        return type_


def read_names(body: Body) -> Row:
    """Read the name and the description of a permission or a role."""
    name, description = body.text("name"), body.values.get("description")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidParameters("name", why=f"It has more than {MAX_NAME_LENGTH} characters.")
    if description is not None and (not isinstance(description, str) or len(description) > MAX_DESCRIPTION_LENGTH):
        raise InvalidParameters(
            "description", why=f"It must be a string of at most {MAX_DESCRIPTION_LENGTH} characters."
        )
    return {"name": name, "description": description}


def _seeded_rows(seed: Seed) -> list[Row]:
    types = dict.fromkeys((slug for role in seed.roles for slug in role.permissions), ORGANIZATION_TYPE)
    resources = {resource.id: resource.type for resource in seed.resources}
    for grant in seed.resource_grants:
        types |= dict.fromkeys(grant.permissions, resources[grant.resource])
    return [_seeded_row(slug, type_, place) for place, (slug, type_) in enumerate(types.items())]


def _seeded_row(slug: str, resource_type: str, place: int) -> Row:
    return {
        "object": "permission",
        "id": f"perm_01LOCAL{place:019}",
        "slug": slug,
        "name": slug.replace(":", " ").capitalize(),
        "description": None,
        "system": False,
        "resource_type_slug": resource_type,
        **seeded_times(place),
    }
