"""Clients whose id is the address of a document (CIMD)."""

import asyncio
import json
import logging

import pytest

from infra.local.authkit.public_fetch import FetchError, fetch_public, is_public
from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import REDIRECT_URI, AuthKit, claims_of, sent_back

URL = "https://client.example/oauth/metadata.json"
DOCUMENT = {
    "client_id": URL,
    "client_name": "Document Client",
    "redirect_uris": [REDIRECT_URI],
    "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    "token_endpoint_auth_method": "none",
}


class Web:
    """Documents by their address; counts what is fetched."""

    def __init__(self, body: bytes = json.dumps(DOCUMENT).encode()) -> None:
        self.body = body
        self.fetched: list[str] = []

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if url != URL:
            raise FetchError("the answer has status 404, not 200")
        return self.body


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def authkit(start: StartAuthKit, web: Web) -> AuthKit:
    authkit = start(advertise_cimd=True, fetch_document=web.fetch)
    authkit.client_id = URL
    return authkit


def test_a_client_logs_in_by_its_document_fetched_once(authkit: AuthKit, web: Web) -> None:
    answer = authkit.tokens()
    assert claims_of(answer["access_token"])["client_id"] == URL
    assert authkit.refresh(answer["refresh_token"]).status_code == 200
    assert web.fetched == [URL]


def test_the_consent_page_says_who_published_the_client(authkit: AuthKit) -> None:
    page = authkit.consent_page()
    assert "Document Client" in page
    assert "client.example" in page


def test_a_document_is_fetched_again_after_a_while(authkit: AuthKit, web: Web) -> None:
    authkit.authorize()
    authkit.clock.pass_by(601)
    authkit.authorize()
    assert web.fetched == [URL, URL]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "https://client.example/other.json"},
        {"client_id": None},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"token_endpoint_auth_method": None},
        {"client_secret": "shared"},
        {"client_name": None},
        {"client_name": "x" * 201},
        {"redirect_uris": []},
        {"redirect_uris": None},
        {"redirect_uris": [REDIRECT_URI, "javascript:alert(1)"]},
        {"grant_types": ["refresh_token"]},
        {"grant_types": "authorization_code"},
        {"scope": 1},
    ],
)
def test_a_document_that_does_not_describe_its_client_is_refused(
    authkit: AuthKit, web: Web, changes: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    document = {name: value for name, value in (DOCUMENT | changes).items() if value is not None}
    web.body = json.dumps(document).encode()
    with caplog.at_level(logging.WARNING):
        assert authkit.authorize().headers["location"] == "/oauth2/error?error=application_not_found"
    assert "client metadata document" in caplog.text


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff", b"[" * 5_000, b'{"client_name": "\\ud800"}'])
def test_a_document_that_is_no_object_is_refused(authkit: AuthKit, web: Web, body: bytes) -> None:
    web.body = body
    assert authkit.authorize().headers["location"].endswith("application_not_found")


def test_a_document_limits_its_client_to_the_scopes_it_names(authkit: AuthKit, web: Web) -> None:
    document = {name: value for name, value in DOCUMENT.items() if name != "grant_types"}
    web.body = json.dumps(document | {"scope": "openid offline_access reports:read"}).encode()
    assert sent_back(authkit.authorize(scope="openid email"))["error"] == "invalid_scope"
    assert sent_back(authkit.authorize(scope="reports:read"))["error"] == "invalid_scope"
    assert "refresh_token" not in authkit.tokens(scope="openid offline_access")


def test_a_document_that_cannot_be_fetched_is_an_unknown_client(authkit: AuthKit) -> None:
    response = authkit.authorize(client_id="https://client.example/gone.json")
    assert response.headers["location"].endswith("application_not_found")


@pytest.mark.parametrize(
    "url",
    [
        "https://client.example",
        "https://client.example/",
        "https://client.example/a/../metadata.json",
        "https://client.example/metadata.json#x",
        "https://user:pass@client.example/metadata.json",
        "https://client.example:port/metadata.json",
        "http://client.example/metadata.json",
    ],
)
def test_an_address_that_hides_where_it_leads_is_not_even_fetched(authkit: AuthKit, web: Web, url: str) -> None:
    assert authkit.authorize(client_id=url).headers["location"].endswith("application_not_found")
    assert web.fetched == []


def test_redirects_of_a_document_match_exactly_but_for_the_port(authkit: AuthKit) -> None:
    assert authkit.authorize(redirect_uri="http://127.0.0.1:1/callback").headers["location"].startswith("/login?")
    response = authkit.authorize(redirect_uri="http://127.0.0.1:33418/other")
    assert response.headers["location"].endswith("redirect_uri_not_registered")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_document_without_ports_is_for_whatever_port_the_program_gets(
    authkit: AuthKit, web: Web, host: str
) -> None:
    """As Claude Code publishes it."""
    uris = ["http://localhost/callback", "http://127.0.0.1/callback"]
    web.body = json.dumps(DOCUMENT | {"redirect_uris": uris}).encode()
    asked = f"http://{host}:58135/callback"

    other, code = (authkit.login(redirect_uri=asked)["code"] for _ in range(2))

    assert authkit.exchange(other, redirect_uri=uris[0]).json()["error"] == "invalid_grant"
    assert authkit.exchange(code, redirect_uri=asked).status_code == 200


INSIDE = """
127.0.0.1 10.0.0.1 192.168.1.1 172.16.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
::1 :: fe80::1%eth0 fc00::1 ff02::1 ::ffff:127.0.0.1 2002:7f00:1:: 64:ff9b::7f00:1
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_addresses_of_this_machine_and_its_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_other_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0x7f.1"])
def test_a_document_on_this_machine_is_never_fetched(host: str) -> None:
    with pytest.raises(FetchError, match="not on the public internet"):
        asyncio.run(fetch_public(f"https://{host}:8443/metadata.json"))


def test_by_default_the_stand_in_does_not_fetch_from_this_machine(start: StartAuthKit) -> None:
    authkit = start(advertise_cimd=True)
    response = authkit.authorize(client_id="https://127.0.0.1:8443/metadata.json")
    assert response.headers["location"].endswith("application_not_found")
