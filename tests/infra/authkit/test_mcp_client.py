"""The MCP SDK's own client logs in, calls a protected resource, and refreshes."""

import asyncio
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import jwt
import pytest
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.loopback import LoopbackServer
from infra.local.seed.rows import Seed
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


def protected_resource(authkit: AuthKit, origin: str, needed: str = "") -> Starlette:
    """The smallest resource server: metadata, challenges, and a strict look at the token."""
    pointer = f'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"'

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
            challenge = f'Bearer {pointer}, scope="openid profile email"'
            return Response(status_code=401, headers={"WWW-Authenticate": challenge})
        if not set(needed.split()) <= set(claims["scope"].split()):
            challenge = f'Bearer error="insufficient_scope", {pointer}, scope="{needed}"'
            return Response(status_code=403, headers={"WWW-Authenticate": challenge})
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
        assert first.json()["sub"] == "user_01LOCALHEDYLAMARR00000000"
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


def test_the_sdk_client_steps_up_to_a_custom_scope_with_the_registration_it_has(
    start: StartAuthKit, seed: Seed
) -> None:
    stage = Stage()
    with LoopbackServer(stage) as server:
        url = f"{server.url}/mcp"
        authkit = start(seed=seed.with_scopes(("reports:read",)), resources=[url])
        stage.app = protected_resource(authkit, server.url)
        memory, person = Memory(), Person()
        assert "reports:read" not in asyncio.run(call(url, memory, person)).json()["scope"]
        assert memory.client is not None
        registered = memory.client.client_id

        stage.app = protected_resource(authkit, server.url, needed="reports:read")
        stepped_up = asyncio.run(call(url, memory, person))

        assert stepped_up.status_code == 200
        assert stepped_up.json()["scope"].split() == [
            "openid",
            "profile",
            "email",
            "offline_access",
            "reports:read",
        ]
        assert memory.client.client_id == registered == stepped_up.json()["client_id"]


def test_a_scope_that_the_environment_lacks_ends_the_step_up_with_an_error(start: StartAuthKit) -> None:
    stage = Stage()
    with LoopbackServer(stage) as server:
        url = f"{server.url}/mcp"
        authkit = start(resources=[url])
        stage.app = protected_resource(authkit, server.url)
        memory, person = Memory(), Person()
        asyncio.run(call(url, memory, person))

        stage.app = protected_resource(authkit, server.url, needed="reports:read")
        with pytest.raises(KeyError, match="code"):
            asyncio.run(call(url, memory, person))
        assert "error=invalid_scope" in person.called_back
