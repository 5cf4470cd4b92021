"""Dynamic client registration (RFC 7591)."""

import pytest

from tests.infra.authkit.rig import ALL_SCOPES, REDIRECT_URI, AuthKit


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
        "scope": ALL_SCOPES,
    }


def test_a_client_that_names_no_method_gets_a_secret_and_needs_it(authkit: AuthKit) -> None:
    registered = authkit.register(token_endpoint_auth_method=None).json()
    assert registered["token_endpoint_auth_method"] == "client_secret_basic"
    assert registered["client_secret_expires_at"] == 0
    authkit.client_id = registered["client_id"]

    without = authkit.exchange(authkit.login()["code"])
    with_secret = authkit.exchange(authkit.login()["code"], client_secret=registered["client_secret"])

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
    ],
)
def test_metadata_authkit_would_not_serve_is_refused(authkit: AuthKit, metadata: dict[str, object]) -> None:
    response = authkit.register(**metadata)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(authkit: AuthKit, body: bytes) -> None:
    response = authkit.http.post("/oauth2/register", content=body)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")


def test_a_huge_body_is_refused(authkit: AuthKit) -> None:
    assert authkit.http.post("/oauth2/register", content=b" " * 70_000).status_code == 400


def test_a_client_that_registers_without_refresh_gets_no_refresh_token(authkit: AuthKit) -> None:
    authkit.new_client(grant_types=["authorization_code"])
    assert "refresh_token" not in authkit.tokens()
