"""Redirect URIs and CORS origins: the addresses that browsers return to, and those whose pages may ask AuthKit."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.workos_api.body import read_body
from infra.local.workos_api.errors import ApiError, InvalidParameters
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import written_epoch


class BrowserAddresses:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._redirect_uris: list[Row] = []
        self._cors_origins: list[Row] = []

    async def page_redirect_uris(self, request: Request) -> Response:
        return answer_page(self._redirect_uris, read_query(request))

    async def page_cors_origins(self, request: Request) -> Response:
        return answer_page(self._cors_origins, read_query(request))

    async def create_redirect_uri(self, request: Request) -> Response:
        """Add a redirect URI. WorkOS' OpenAPI document has no 409 here, so one that exists is a 422."""
        body = await read_body(request)
        body.only("uri")
        uri = body.text("uri")
        if not _is_address(uri) or "#" in uri:
            raise InvalidParameters("uri", why="It must be an absolute http(s) URI without fragment.")
        if any(row["uri"] == uri for row in self._redirect_uris):
            raise ApiError(422, "Redirect URI already exists.", "redirect_uri_already_exists")
        default = {"default": not self._redirect_uris}
        self._redirect_uris.append(self._row("redirect_uri", "uri", uri) | default)
        return JSONResponse(self._redirect_uris[-1], 201)

    async def create_cors_origin(self, request: Request) -> Response:
        body = await read_body(request)
        body.only("origin")
        origin = body.text("origin")
        if not _is_address(origin) or f"{urlsplit(origin).scheme}://{urlsplit(origin).netloc}" != origin:
            # The document names the fields of this error as class-validator does, not as elsewhere.
            error = {"property": "origin", "constraints": {"isOrigin": "origin must be an http(s) origin"}}
            raise ApiError(422, "Validation failed", errors=[error])
        if any(row["origin"] == origin for row in self._cors_origins):
            raise ApiError(409, "CORS origin already exists.", "duplicate_cors_origin")
        self._cors_origins.append(self._row("cors_origin", "origin", origin))
        return JSONResponse(self._cors_origins[-1], 201)

    def _row(self, kind: str, name: str, address: str) -> Row:
        now = written_epoch(self._clock())
        return {"object": kind, "id": new_id(kind), name: address, "created_at": now, "updated_at": now}


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text
