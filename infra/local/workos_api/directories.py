"""Directory Sync: directories, their users and their groups."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.seed.rows import Directory, Seed
from infra.local.workos_api.directory_people import make_groups, make_people
from infra.local.workos_api.errors import InvalidParameters
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import Query, read_query
from infra.local.workos_api.rows import Row, find, matches
from infra.local.workos_api.timestamps import seeded_times


class Directories:
    def __init__(self, seed: Seed) -> None:
        self._users = [row for directory in seed.directories for row in make_people(directory)]
        self._groups = [row for directory in seed.directories for row in make_groups(directory)]
        self._directories = [self._row(directory, place) for place, directory in enumerate(seed.directories)]

    async def get(self, request: Request) -> Response:
        return JSONResponse(find(self._directories, request.path_params["id"], "Directory"))

    async def get_user(self, request: Request) -> Response:
        return JSONResponse(find(self._users, request.path_params["id"], "Directory User"))

    async def get_group(self, request: Request) -> Response:
        return JSONResponse(find(self._groups, request.path_params["id"], "Directory Group"))

    async def page(self, request: Request) -> Response:
        query = read_query(request, "organization_id", "search", "domain")
        wanted = {"organization_id": query.filter("organization_id"), "domain": query.filter("domain")}
        search = (query.filter("search") or "").lower()
        rows = [row for row in self._directories if matches(row, wanted) and search in str(row["name"]).lower()]
        return answer_page(rows, query)

    async def list_users(self, request: Request) -> Response:
        query = read_query(request, "directory", "group", "idp_id", "email")
        directory, group = self._directory_or(query, "group", self._groups, "Directory Group")
        for name in ("idp_id", "email"):
            if query.filter(name) is not None and directory is None:
                raise InvalidParameters("directory", "required", f"{name} needs it.")
        wanted = {"directory_id": directory, "idp_id": query.filter("idp_id"), "email": query.filter("email")}
        rows = [row for row in self._users if matches(row, wanted) and (group is None or _is_in(row, group))]
        return answer_page(rows, query)

    async def list_groups(self, request: Request) -> Response:
        query = read_query(request, "directory", "user")
        directory, user = self._directory_or(query, "user", self._users, "Directory User")
        rows = [row for row in self._groups if directory in (None, row["directory_id"])]
        return answer_page([row for row in rows if user is None or _is_in(user, row)], query)

    def _directory_or(self, query: Query, name: str, rows: list[Row], kind: str) -> tuple[str | None, Row | None]:
        """Read the two filters, a directory and another row. A list needs exactly one of them."""
        directory, other = query.filter("directory"), query.filter(name)
        if directory is None and other is None:
            raise InvalidParameters("directory", "required", f"Send directory or {name}.")
        if directory is not None:
            find(self._directories, directory, "Directory")
        return directory, None if other is None else find(rows, other, kind)

    def _row(self, directory: Directory, place: int) -> Row:
        states = [row["state"] for row in self._users if row["directory_id"] == directory.id]
        inactive = states.count("inactive")
        return {
            "object": "directory",
            "id": directory.id,
            "organization_id": directory.organization,
            "external_key": directory.id.removeprefix("directory_")[-16:],
            "type": directory.type,
            "state": directory.state,
            "name": directory.name,
            "domain": directory.domain,
            "metadata": {
                "users": {"active": len(states) - inactive, "inactive": inactive},
                "groups": len(directory.groups),
            },
            **seeded_times(place),
        }


def _is_in(user: Row, group: Row) -> bool:
    groups = user["groups"]
    return isinstance(groups, list) and any(each["id"] == group["id"] for each in groups)
