"""Dynamic client registration (RFC 7591)."""

import json

import pytest

from infra.local.seed.rows import Seed
from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import ALL_SCOPES, REDIRECT_URI, AuthKit, sent_back

LONE_SURROGATE = rb'{"client_name": "\ud800", "redirect_uris": ["http://127.0.0.1/callback"]}'


def test_a_public_client_gets_an_id_and_no_secret(authkit: AuthKit) -> None:
    response = authkit.register(scope=ALL_SCOPES)
    registered = response.json()
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    assert registered.pop("client_id").startswith("client_01")
    assert registered == {
        "client_id_issued_at": int(authkit.clock.now),
        "client_name": "Test Client",
        "redirect_uris": [REDIRECT_URI],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "email offline_access openid profile",
    }


def test_a_client_that_names_no_method_gets_a_secret_and_needs_it(authkit: AuthKit) -> None:
    registered = authkit.register(token_endpoint_auth_method=None).json()
    assert registered["token_endpoint_auth_method"] == "client_secret_basic"
    assert registered["client_secret_expires_at"] == 0
    authkit.client_id = registered["client_id"]

    without = authkit.exchange(authkit.login()["code"])
    with_secret = authkit.exchange_by_basic(authkit.login()["code"], registered["client_secret"])

    assert (without.status_code, without.json()["error"]) == (401, "invalid_client")
    assert with_secret.status_code == 200
    assert registered["client_secret"] not in (authkit.state_dir / "clients.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:6274/oauth/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:9000/callback",
        "https://claude.ai/api/mcp/auth_callback",
        "cursor://anysphere.cursor-retrieval/oauth/callback",
        "com.example.app:/callback",
    ],
)
def test_redirects_to_loopback_https_and_apps_are_allowed(authkit: AuthKit, uri: str) -> None:
    assert authkit.register(redirect_uris=[uri]).status_code == 201


@pytest.mark.parametrize(
    "uri",
    [
        "http://client.example/callback",
        "http://localhost.evil.example/callback",
        "http://127.0.0.1@evil.example/callback",
        "http://127.0.0.1:port/callback",
        "https://user:pass@client.example/callback",
        "https:///callback",
        "https://client.example/callback#fragment",
        "https://client.example/callback#",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "vbscript:x",
        "blob:https://a.example/1",
        "ms-msdt:/id",
        "https://client.example\\@evil.example/",
        "https://client.example/a b",
        "/callback",
        "cursor:",
        "",
        7,
    ],
)
def test_every_other_redirect_is_refused(authkit: AuthKit, uri: object) -> None:
    response = authkit.register(redirect_uris=[REDIRECT_URI, uri])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_redirect_uri")


@pytest.mark.parametrize("uris", [None, [], REDIRECT_URI, {}])
def test_a_client_without_redirects_is_refused(authkit: AuthKit, uris: object) -> None:
    response = authkit.register(redirect_uris=uris)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_redirect_uri")


@pytest.mark.parametrize(
    "metadata",
    [
        {"scope": "openid reports:read"},
        {"scope": 1},
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["authorization_code", "client_credentials"]},
        {"grant_types": ["refresh_token"]},
        {"grant_types": [{}]},
        {"response_types": ["token"]},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": ["none"]},
        {"client_name": ""},
        {"client_name": "x" * 201},
        {"client_name": {}},
        {"logo_uri": "javascript:alert(1)"},
        {"client_uri": "data:text/html,x"},
        {"tos_uri": 1},
        {"policy_uri": "http://[::1/"},
    ],
)
def test_metadata_authkit_would_not_serve_is_refused(authkit: AuthKit, metadata: dict[str, object]) -> None:
    response = authkit.register(**metadata)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
    assert not (authkit.state_dir / "clients.json").exists()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 60_000, b'{"a":' * 10_000, b'{"a":NaN}', LONE_SURROGATE]
)
def test_a_body_that_is_no_object_is_refused(authkit: AuthKit, body: bytes) -> None:
    response = authkit.http.post("/oauth2/register", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
    assert not (authkit.state_dir / "clients.json").exists()


def test_a_huge_body_is_refused(authkit: AuthKit) -> None:
    assert authkit.http.post("/oauth2/register", content=b" " * 70_000).status_code == 400


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_type_is_refused(authkit: AuthKit, media_type: str) -> None:
    body = b'{"redirect_uris": ["http://127.0.0.1/callback"]}'
    response = authkit.http.post("/oauth2/register", content=body, headers={"Content-Type": media_type})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")


def test_addresses_about_the_client_may_be_given_or_empty(authkit: AuthKit) -> None:
    assert authkit.register(client_uri="https://a.example", logo_uri="", tos_uri="http://a.example/").is_success


@pytest.mark.parametrize("grant_types", [["authorization_code"], None])
def test_a_client_that_does_not_register_for_refresh_gets_no_refresh_token(
    authkit: AuthKit, grant_types: list[str] | None
) -> None:
    assert authkit.register(grant_types=grant_types).json()["grant_types"] == ["authorization_code"]
    authkit.new_client(grant_types=grant_types)
    assert "refresh_token" not in authkit.tokens()


def test_whatever_scope_it_names_a_client_is_registered_for_all_of_the_environment(
    start: StartAuthKit, seed: Seed
) -> None:
    authkit = start(seed=seed.with_scopes(("reports:read",)))
    asked = authkit.register(scope="openid email").json()
    assert set(asked["scope"].split()) == {*ALL_SCOPES.split(), "reports:read"}
    authkit.new_client(scope="openid email")
    assert authkit.tokens(scope="openid email")["scope"] == "openid email"
    # What an MCP client does when a tool wants more: it asks for both, with the registration that it has.
    assert authkit.tokens(scope="openid email reports:read")["scope"] == "openid email reports:read"
    assert sent_back(authkit.authorize(scope="openid reports:write"))["error"] == "invalid_scope"


def test_a_client_that_names_no_scope_may_ask_for_all_there_are(authkit: AuthKit) -> None:
    assert authkit.register(scope="").json()["scope"].split() == sorted(ALL_SCOPES.split())
    authkit.new_client(scope=None)
    assert authkit.tokens(scope=ALL_SCOPES)["scope"] == ALL_SCOPES


def test_a_client_that_an_older_stand_in_limited_may_ask_for_all_there_are(start: StartAuthKit) -> None:
    authkit = start()
    client_id = authkit.new_client()
    path = authkit.state_dir / "clients.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    rows[client_id]["scopes"] = ["openid"]
    path.write_text(json.dumps(rows), encoding="utf-8")
    after = start()
    after.client_id = client_id
    assert after.tokens(scope="openid email")["scope"] == "openid email"


def test_of_too_many_clients_the_one_unused_for_longest_is_forgotten(start: StartAuthKit) -> None:
    authkit = start(client_limit=2)
    first, second = authkit.new_client(), authkit.new_client()
    authkit.authorize(client_id=first)
    authkit.new_client()
    assert authkit.authorize(client_id=first).headers["location"].startswith("/login?")
    assert authkit.authorize(client_id=second).headers["location"].endswith("application_not_found")
