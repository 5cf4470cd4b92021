"""Read, list and update users. Changes end with a restart of the stand-in."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.expiring import Clock
from infra.local.seed.rows import Seed
from infra.local.workos_api.body import read_body
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row, find
from infra.local.workos_api.timestamps import seeded_times, written_epoch
from infra.local.workos_api.user_changes import read_changes


class Users:
    def __init__(self, seed: Seed, clock: Clock) -> None:
        self._seed = seed
        self._clock = clock
        self._rows: list[Row] = [
            {
                "object": "user",
                "id": user.id,
                "email": user.email,
                "first_name": user.first_name,
                "last_name": user.last_name,
                "name": user.name,
                "email_verified": True,
                "profile_picture_url": None,
                "external_id": None,
                "metadata": {},
                "locale": None,
                "last_sign_in_at": None,
                **seeded_times(place),
            }
            for place, user in enumerate(seed.users)
        ]

    def find(self, id_: str) -> Row:
        return find(self._rows, id_, "User")

    async def get(self, request: Request) -> Response:
        return JSONResponse(self.find(request.path_params["id"]))

    async def page(self, request: Request) -> Response:
        query = read_query(request, "email", "organization", "organization_id")
        email = query.filter("email")
        organization = query.filter("organization_id") or query.filter("organization")
        members = {each.user for each in self._seed.memberships if each.organization == organization}
        rows = [
            row
            for row in self._rows
            if (email is None or str(row["email"]).lower() == email.lower())
            and (organization is None or row["id"] in members)
        ]
        return answer_page(rows, query)

    async def update(self, request: Request) -> Response:
        row = self.find(request.path_params["id"])
        others = [other["external_id"] for other in self._rows if other is not row]
        row |= read_changes(await read_body(request), row, others)
        row["name"] = f"{row['first_name']} {row['last_name']}".strip()
        row["updated_at"] = written_epoch(self._clock())
        return JSONResponse(row)
