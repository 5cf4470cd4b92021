"""MCP resource indicators in the API: the same ones for which the local AuthKit issues tokens."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.resources import ResourceIndicator, ResourceIndicators, is_resource_uri
from infra.local.workos_api.body import read_body
from infra.local.workos_api.errors import ApiError, EntityNotFound, InvalidParameters
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import written_epoch

_KIND = "AuthKit OAuth resource"


@dataclass(frozen=True, slots=True)
class IndicatorEndpoints:
    indicators: ResourceIndicators

    async def page(self, request: Request) -> Response:
        return answer_page([_row(each) for each in self.indicators.indicators], read_query(request))

    async def create(self, request: Request) -> Response:
        body = await read_body(request)
        body.only("uri", "default")
        uri, default = body.text("uri"), body.values.get("default", False)
        if not isinstance(default, bool):
            raise InvalidParameters("default", why="It must be true or false.")
        # Wildcards work only if WorkOS has switched them on for the environment.
        if not is_resource_uri(uri) or "*" in uri:
            raise InvalidParameters("uri", why="It must be an absolute http(s) URI without fragment or wildcard.")
        added = self.indicators.add(uri, default=default)
        if added is None:
            raise ApiError(422, f"{_KIND} '{uri}' already exists.")
        return JSONResponse(_row(added), 201)

    async def delete(self, request: Request) -> Response:
        id_ = request.path_params["id"]
        if id_ not in {each.id for each in self.indicators.indicators}:
            raise EntityNotFound(_KIND, id_)
        self.indicators.remove(id_)
        return Response(status_code=204)


def _row(indicator: ResourceIndicator) -> Row:
    return {
        "object": "authkit_oauth_resource",
        "id": indicator.id,
        "uri": indicator.uri,
        "default": indicator.is_default,
        "created_at": written_epoch(indicator.created_at),
        "updated_at": written_epoch(indicator.updated_at),
    }
