"""A person with a browser, and the memory of the client that they use."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

REDIRECT_URI = "http://127.0.0.1:9876/callback"


class Memory:
    """Where a client keeps its tokens and its registration."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class FirstForm(HTMLParser):
    """The first form of a page with the values that a browser would send: checked buttons, hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and self.action is None:
            self.action, self._open = given.get("action") or "", True
        if tag == "input" and self._open and (given.get("type") != "radio" or "checked" in given):
            self.fields[given.get("name") or ""] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False


class Person:
    """Agrees to everything: submits the first form of each page until the client is called back."""

    def __init__(self, redirect_uri: str = REDIRECT_URI) -> None:
        self.logins = 0
        self.called_back = ""
        self._redirect_uri = redirect_uri

    async def open(self, address: str) -> None:
        """The client's redirect handler."""
        self.logins += 1
        async with httpx2.AsyncClient(trust_env=False) as browser:
            response = await browser.get(address)
            for _ in range(20):
                if response.is_redirect:
                    address = urljoin(str(response.url), response.headers["location"])
                    if address.startswith(self._redirect_uri):
                        self.called_back = address
                        return
                    response = await browser.get(address)
                else:
                    form = FirstForm(response.text)
                    action = urljoin(str(response.url), form.action or "")
                    response = await browser.post(action, data=form.fields)
        raise AssertionError(f"the login did not end: {response.url}")

    async def answer(self) -> AuthorizationCodeResult:
        """The client's callback handler."""
        query = parse_qs(urlsplit(self.called_back).query)
        return AuthorizationCodeResult(code=query["code"][0], state=query["state"][0])


def login_of(person: Person, memory: Memory, url: str) -> OAuthClientProvider:
    """The SDK's OAuth client: discovery, registration, PKCE, resource, refresh."""
    return OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(
            client_name="SDK Client", redirect_uris=[AnyUrl(REDIRECT_URI)], token_endpoint_auth_method="none"
        ),
        storage=memory,
        redirect_handler=person.open,
        callback_handler=person.answer,
    )
