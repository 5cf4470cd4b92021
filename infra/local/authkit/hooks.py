"""`/_local/`: endpoints for developers and tests, which AuthKit does not have.

A web page cannot call them: their custom header makes the browser send a preflight, and no answer allows it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.errors import NO_STORE, OAuthError
from infra.local.authkit.json_objects import read_object
from infra.local.authkit.minting_hook import MintingHook
from infra.local.authkit.parameters import bounded_body
from infra.local.authkit.resources import ResourceIndicators, is_resource_uri
from infra.local.authkit.signing_keys import SigningKeys
from infra.local.jwt_template import JwtTemplate
from infra.local.template_language import TemplateError

HEADER = "X-Local-Stand-In"
Endpoint = Callable[[Request], Awaitable[Response]]
Body = Mapping[str, object]


class HookError(OAuthError):
    """A hook got a wrong request; the description says how to call it."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__("invalid_request", description, status)


def guarded(endpoint: Endpoint) -> Endpoint:
    """Require the header for an endpoint."""

    async def answer(request: Request) -> Response:
        if request.headers.get(HEADER) != "1" or "origin" in request.headers:
            raise HookError(f"Send the header {HEADER}: 1, and no Origin.", status=403)
        return await endpoint(request)

    return answer


@dataclass(frozen=True, slots=True)
class Hooks:
    keys: SigningKeys
    resources: ResourceIndicators
    minting: MintingHook
    template: JwtTemplate

    async def rotate(self, request: Request) -> Response:
        keep_old = (await read_hook_body(request)).get("keep_old", True)
        if not isinstance(keep_old, bool):
            raise HookError("keep_old must be true or false.")
        kid = self.keys.rotate(keep_old=keep_old).kid
        return JSONResponse({"kid": kid, "published": [key["kid"] for key in self.keys.jwks()["keys"]]})

    async def token(self, request: Request) -> Response:
        return JSONResponse({"access_token": self.minting.token(await read_hook_body(request))}, headers=NO_STORE)

    async def list_resources(self, _request: Request) -> Response:
        return self._listed()

    async def add_resource(self, request: Request) -> Response:
        # Unlike in the API, the first indicator becomes the default: it is the audience of tokens without a
        # resource.
        self.resources.add(_uri(await read_hook_body(request)), default=self.resources.default is None)
        return self._listed(201)

    async def remove_resource(self, request: Request) -> Response:
        if not self.resources.remove(_uri(await read_hook_body(request))):
            raise HookError("This resource is not registered.", status=404)
        return self._listed()

    async def show_template(self, _request: Request) -> Response:
        return JSONResponse({"content": self.template.content})

    async def set_template(self, request: Request) -> Response:
        """Replace the JWT template for all later tokens: of logins, refreshes and the hook."""
        body = await read_hook_body(request)
        claims, content = body.get("claims"), body.get("content")
        try:
            if body.keys() == {"content"} and isinstance(content, str):
                self.template.set_content(content)
            elif body.keys() == {"claims"} and isinstance(claims, list):
                self.template.set_claims(str(each) for each in claims)
            else:
                raise HookError("Send claims, a list of their names, or content, a template.")
        except TemplateError as error:
            raise HookError(f"WorkOS would refuse this template: {error}.") from None
        return await self.show_template(request)

    def _listed(self, status: int = 200) -> Response:
        return JSONResponse({"resources": list(self.resources.uris), "default": self.resources.default}, status)


async def read_hook_body(request: Request) -> Body:
    """Read the JSON object that a hook was sent; without a body it is empty."""
    try:
        return read_object(await bounded_body(request) or b"{}")
    except ValueError:
        raise HookError("The body must be a JSON object.") from None


def _uri(body: Body) -> str:
    uri = body.get("uri")
    if not isinstance(uri, str) or not is_resource_uri(uri):
        raise HookError("uri must be an absolute http(s) URI without a fragment.")
    return uri
