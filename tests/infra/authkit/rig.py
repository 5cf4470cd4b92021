"""A local AuthKit over real HTTP, and the steps a client and its user take."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import jwt
from starlette.types import ASGIApp, Receive, Scope, Send

RESOURCE = "http://127.0.0.1:8000/mcp"
REDIRECT_URI = "http://127.0.0.1:33418/callback"
HEDY = "hedy@example.com"
ADA, GRACE, ALAN = "ada@example.com", "grace@example.com", "alan@example.com"
ALL_SCOPES = "openid profile email offline_access"
VERIFIER = "a-code-verifier-of-at-least-forty-three-characters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
HOOK = {"X-Local-Stand-In": "1"}


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class Stage:
    """The application a server plays; each test puts its own on."""

    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        assert self.app is not None
        await self.app(scope, receive, send)


@dataclass
class AuthKit:
    """One running stand-in as its callers see it."""

    http: httpx2.Client
    issuer: str
    state_dir: Path
    clock: Clock
    client_id: str = field(default="")

    def register(self, **metadata: object) -> httpx2.Response:
        wanted: dict[str, object] = {"redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none"}
        # Named, as real MCP clients do it: left out, there is no refresh token.
        wanted |= {"client_name": "Test Client", "grant_types": ["authorization_code", "refresh_token"]} | metadata
        return self.http.post("/oauth2/register", json={k: v for k, v in wanted.items() if v is not None})

    def new_client(self, **metadata: object) -> str:
        response = self.register(**metadata)
        assert response.status_code == 201, response.text
        self.client_id = response.json()["client_id"]
        return self.client_id

    def authorize(self, **changes: str | None) -> httpx2.Response:
        asked: dict[str, str | None] = {
            "client_id": self.client_id or self.new_client(),
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": ALL_SCOPES,
            "state": "the state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "resource": RESOURCE,
        }
        parameters = {name: value for name, value in (asked | changes).items() if value is not None}
        return self.http.get("/oauth2/authorize", params=parameters)

    def transaction(self, **changes: str | None) -> str:
        response = self.authorize(**changes)
        assert response.status_code == 302, response.text
        location = response.headers["location"]
        assert location.startswith("/login?transaction="), location
        return str(location.partition("=")[2])

    def choose_user(self, transaction: str, user: str = ADA) -> httpx2.Response:
        return self.http.post("/login/user", data={"transaction": transaction, "user": user})

    def consent_page(self, user: str = ADA, **changes: str | None) -> str:
        transaction = self.transaction(**changes)
        self.choose_user(transaction, user)
        return self.http.get("/login/consent", params={"transaction": transaction}).text

    def login(self, user: str = ADA, organization: str | None = None, **changes: str | None) -> dict[str, str]:
        """What the client is called back with."""
        transaction = self.transaction(**changes)
        self.choose_user(transaction, user)
        fields = {"transaction": transaction} | ({"organization": organization} if organization else {})
        to = changes.get("redirect_uri") or REDIRECT_URI
        return sent_back(self.http.post("/login/allow", data=fields), to.partition("?")[0])

    def exchange(self, code: str, **changes: str | None) -> httpx2.Response:
        return self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=changes.pop("redirect_uri", REDIRECT_URI),
            code_verifier=changes.pop("code_verifier", VERIFIER),
            **changes,
        )

    def refresh(self, refresh_token: str, **changes: str | None) -> httpx2.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **changes)

    def exchange_by_basic(self, code: str, secret: str) -> httpx2.Response:
        """The exchange of a client that proves itself in the header."""
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        header = basic(self.client_id, secret)
        return self.http.post("/oauth2/token", data=fields | {"code_verifier": VERIFIER}, headers=header)

    def token(self, **fields: str | None) -> httpx2.Response:
        sent = {"client_id": self.client_id} | fields
        return self.http.post("/oauth2/token", data={k: v for k, v in sent.items() if v is not None})

    def tokens(self, user: str = ADA, organization: str | None = None, **changes: str | None) -> dict[str, Any]:
        response = self.exchange(self.login(user, organization, **changes)["code"])
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def hook(self, path: str, body: object = None, method: str = "POST") -> httpx2.Response:
        return self.http.request(method, f"/_local/{path}", json=body or {}, headers=HOOK)

    def minted(self, **body: object) -> dict[str, Any]:
        """The claims of a token made by the hook."""
        response = self.hook("token", body)
        assert response.status_code == 200, response.text
        return claims_of(response.json()["access_token"])

    def introspect(self, token: str) -> httpx2.Response:
        return self.http.post(
            "/oauth2/introspection",
            data={
                "token": token,
                "client_id": "client_01LOCALINTROSPECTION00000",
                "client_secret": "local-introspection-secret",
            },
        )

    def published_kids(self) -> list[str]:
        return [key["kid"] for key in self.http.get("/oauth2/jwks").json()["keys"]]

    def verifies(self, token: str) -> bool:
        """Whether a resource server that fetches the keys now accepts the signature."""
        kid = jwt.get_unverified_header(token)["kid"]
        keys = {key["kid"]: key for key in self.http.get("/oauth2/jwks").json()["keys"]}
        if kid not in keys:
            return False
        jwt.PyJWS().decode(token, jwt.PyJWK(keys[kid]).key, algorithms=["RS256"])
        return True


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def sent_back(response: httpx2.Response, to: str = REDIRECT_URI) -> dict[str, str]:
    """The parameters of a redirect to the client."""
    assert response.status_code in (302, 303), response.text
    location = response.headers["location"]
    assert location.partition("?")[0] == to, location
    return dict(parse_qsl(urlsplit(location).query))


def first_form(page: str) -> tuple[str, list[tuple[str, str]]]:
    """Action and every field of the first form, as a script without an HTML parser sees them."""
    form = re.search(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", page, re.DOTALL)
    assert form is not None
    return form[1], re.findall(r"<input[^>]*name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"", form[2])
