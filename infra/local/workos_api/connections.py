"""Single Sign-On connections."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.seed.rows import Connection, Seed
from infra.local.workos_api.errors import InvalidParameters
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row, find, matches
from infra.local.workos_api.timestamps import seeded_times
from infra.local.workos_words import CONNECTION_TYPES


class Connections:
    def __init__(self, seed: Seed) -> None:
        self._domains = {each.id: each.domains for each in seed.connections}
        self._rows = [_row(connection, place) for place, connection in enumerate(seed.connections)]

    async def get(self, request: Request) -> Response:
        return JSONResponse(find(self._rows, request.path_params["id"], "Connection"))

    async def page(self, request: Request) -> Response:
        query = read_query(request, "connection_type", "domain", "organization_id", "search")
        type_, domain = query.filter("connection_type"), query.filter("domain")
        if type_ is not None and type_ not in CONNECTION_TYPES:
            raise InvalidParameters("connection_type")
        wanted = {"connection_type": type_, "organization_id": query.filter("organization_id")}
        search = (query.filter("search") or "").lower()
        rows = [
            row
            for row in self._rows
            if matches(row, wanted)
            and (domain is None or domain in self._domains[str(row["id"])])
            and search in str(row["name"]).lower()
        ]
        return answer_page(rows, query)


def _row(connection: Connection, place: int) -> Row:
    stem = connection.id.removeprefix("conn_")
    return {
        "object": "connection",
        "id": connection.id,
        "organization_id": connection.organization,
        "connection_type": connection.type,
        "name": connection.name,
        "state": connection.state,
        # Deprecated, but WorkOS still sends it.
        "status": "linked" if connection.state == "active" else "unlinked",
        "domains": [
            {"object": "connection_domain", "id": f"conn_domain_{stem}{number}", "domain": domain}
            for number, domain in enumerate(connection.domains)
        ],
        **seeded_times(place),
    }
