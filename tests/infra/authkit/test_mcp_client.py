"""The MCP SDK's own client logs in, calls a protected resource, and refreshes."""

import asyncio
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import jwt
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.loopback import LoopbackServer
from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import REDIRECT_URI, AuthKit, Stage, first_form
from tests.person import Memory


class Person:
    """Submits the first form of each page, as it is, until the client is called back."""

    called_back = ""

    async def open(self, address: str) -> None:
        async with httpx2.AsyncClient(trust_env=False) as browser:
            response = await browser.get(address)
            while True:
                while response.is_redirect:
                    address = urljoin(str(response.url), response.headers["location"])
                    if address.startswith(REDIRECT_URI):
                        self.called_back = address
                        return
                    response = await browser.get(address)
                action, fields = first_form(response.text)
                response = await browser.post(urljoin(str(response.url), action), data=dict(fields))

    async def answer(self) -> AuthorizationCodeResult:
        query = parse_qs(urlsplit(self.called_back).query)
        return AuthorizationCodeResult(code=query["code"][0], state=query["state"][0])


def protected_resource(authkit: AuthKit, origin: str) -> Starlette:
    """The smallest resource server: metadata, a challenge, and a strict look at the token."""

    async def metadata(_request: Request) -> Response:
        return JSONResponse({"resource": f"{origin}/mcp", "authorization_servers": [authkit.issuer]})

    async def mcp(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            keys = jwt.PyJWKSet.from_dict(authkit.http.get("/oauth2/jwks").json())
            key = keys[jwt.get_unverified_header(token)["kid"]].key
            unchecked = {"verify_exp": False, "verify_iat": False}  # the clock is the test's
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=f"{origin}/mcp",
                issuer=authkit.issuer,
                options=unchecked,  # type: ignore[arg-type]
            )
            assert claims["exp"] > authkit.clock.now
        except (jwt.InvalidTokenError, AssertionError):
            pointer = f'Bearer resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"'
            return Response(status_code=401, headers={"WWW-Authenticate": pointer})
        return JSONResponse(claims)

    routes = [Route("/.well-known/oauth-protected-resource/mcp", metadata), Route("/mcp", mcp)]
    return Starlette(routes=routes)


async def call(url: str, memory: Memory, person: Person) -> httpx2.Response:
    provider = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(
            client_name="SDK Client", redirect_uris=[AnyUrl(REDIRECT_URI)], token_endpoint_auth_method="none"
        ),
        storage=memory,
        redirect_handler=person.open,
        callback_handler=person.answer,
    )
    async with httpx2.AsyncClient(auth=provider, trust_env=False) as client:
        return await client.get(url)


def test_the_sdk_client_discovers_registers_logs_in_and_refreshes(start: StartAuthKit) -> None:
    stage = Stage()
    with LoopbackServer(stage) as server:
        authkit = start(resources=[f"{server.url}/mcp"])
        stage.app = protected_resource(authkit, server.url)
        memory, person = Memory(), Person()

        first = asyncio.run(call(f"{server.url}/mcp", memory, person))
        assert first.status_code == 200
        # dict() keeps the last radio button of the page, as a naive script would.
        assert first.json()["sub"] == "user_01LOCALKATHERINEJOHNSON00"
        assert memory.client is not None
        assert first.json()["client_id"] == memory.client.client_id

        assert memory.tokens is not None
        refreshed = authkit.refresh(memory.tokens.refresh_token or "", client_id=memory.client.client_id)
        assert refreshed.status_code == 200
        memory.tokens = OAuthToken.model_validate(refreshed.json())
        person.called_back = ""

        again = asyncio.run(call(f"{server.url}/mcp", memory, person))
        assert again.status_code == 200
        assert person.called_back == ""
