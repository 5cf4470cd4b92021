"""Organisations, with their domains."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.seed.rows import Organization, Seed
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row, find
from infra.local.workos_api.timestamps import seeded_times


class Organizations:
    def __init__(self, seed: Seed) -> None:
        self._domains = {each.id: frozenset(each.domains) for each in seed.organizations}
        self._rows = [_row(organization, place) for place, organization in enumerate(seed.organizations)]

    def find(self, id_: str) -> Row:
        return find(self._rows, id_, "Organization")

    async def get(self, request: Request) -> Response:
        return JSONResponse(self.find(request.path_params["id"]))

    async def page(self, request: Request) -> Response:
        query = read_query(request, "domains", "search")
        domains, search = query.listed("domains"), query.filter("search")
        rows = [
            row
            for row in self._rows
            if (domains is None or self._domains[str(row["id"])].intersection(domains))
            and (search is None or search.lower() in str(row["name"]).lower())
        ]
        return answer_page(rows, query)


def _row(organization: Organization, place: int) -> Row:
    stem = organization.id.removeprefix("org_")
    times = seeded_times(place)
    domains = [
        {
            "object": "organization_domain",
            "id": f"org_domain_{stem}{number}",
            "organization_id": organization.id,
            "domain": domain,
            "state": "verified",
            "verification_strategy": "dns",
            **times,
        }
        for number, domain in enumerate(organization.domains)
    ]
    return {
        "object": "organization",
        "id": organization.id,
        "name": organization.name,
        "domains": domains,
        "metadata": {},
        "external_id": None,
        **times,
    }
