"""The well-known documents, the keys, and who may read them from where."""

import hashlib
from base64 import b64decode, urlsafe_b64encode

import pytest

from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import HOOK, AuthKit

OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"


def test_the_oauth_document_is_authkits_without_the_device_flow(authkit: AuthKit) -> None:
    origin = authkit.issuer
    assert authkit.http.get(OAUTH).json() == {
        "issuer": origin,
        "authorization_endpoint": f"{origin}/oauth2/authorize",
        "token_endpoint": f"{origin}/oauth2/token",
        "jwks_uri": f"{origin}/oauth2/jwks",
        "registration_endpoint": f"{origin}/oauth2/register",
        "introspection_endpoint": f"{origin}/oauth2/introspection",
        "scopes_supported": ["email", "offline_access", "openid", "profile"],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
    }


def test_the_front_page_says_what_this_is(authkit: AuthKit) -> None:
    page = authkit.http.get("/")
    assert page.status_code == 200
    assert "stands in for WorkOS" in page.text


@pytest.mark.parametrize("path", ["/oauth2/token/", "/oauth2/jwks/", "/login/", OAUTH + "/"])
def test_a_path_with_a_slash_more_is_unknown(authkit: AuthKit, path: str) -> None:
    assert authkit.http.get(path).status_code == authkit.http.post(path).status_code == 404


def test_the_openid_document_lacks_what_mcp_clients_need_as_in_production(authkit: AuthKit) -> None:
    document = authkit.http.get(OPENID).json()
    assert document["userinfo_endpoint"] == f"{authkit.issuer}/oauth2/userinfo"
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert document["subject_types_supported"] == ["public"]
    assert "client_credentials" in document["grant_types_supported"]
    assert not document.keys() & {
        "code_challenge_methods_supported",
        "registration_endpoint",
        "client_id_metadata_document_supported",
    }


def test_client_id_metadata_documents_are_advertised_only_when_asked_for(start: StartAuthKit) -> None:
    authkit = start(advertise_cimd=True)
    assert authkit.http.get(OAUTH).json()["client_id_metadata_document_supported"] is True
    assert "client_id_metadata_document_supported" not in authkit.http.get(OPENID).json()


def test_the_signing_key_is_published_in_authkits_shape(authkit: AuthKit) -> None:
    (key,) = authkit.http.get("/oauth2/jwks").json()["keys"]
    assert {name: key[name] for name in ("alg", "kty", "use", "e")} == {
        "alg": "RS256",
        "kty": "RSA",
        "use": "sig",
        "e": "AQAB",
    }
    assert key["kid"].startswith("sso_oidc_key_pair_01")
    digest = hashlib.sha256(b64decode(key["x5c"][0])).digest()
    assert key["x5t#S256"] == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert not key.keys() & {"d", "p", "q"}


@pytest.mark.parametrize("path", [OAUTH, OPENID, "/oauth2/jwks", "/oauth2/userinfo"])
def test_web_pages_of_any_origin_may_read_what_browser_clients_need(authkit: AuthKit, path: str) -> None:
    response = authkit.http.get(path, headers={"Origin": "https://client.example"})
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/register", OAUTH])
def test_a_preflight_of_a_browser_client_passes(authkit: AuthKit, path: str) -> None:
    headers = {
        "Origin": "https://client.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, mcp-protocol-version",
    }
    response = authkit.http.options(path, headers=headers)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"
    assert "mcp-protocol-version" in response.headers["access-control-allow-headers"]


@pytest.mark.parametrize("path", ["/oauth2/introspection", "/login/allow", "/_local/token", "/oauth2/authorize"])
def test_no_web_page_may_call_the_rest(authkit: AuthKit, path: str) -> None:
    headers = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-local-stand-in",
    }
    response = authkit.http.options(path, headers=headers)
    assert response.status_code == 405
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "evil:80", ""]
)
@pytest.mark.parametrize("path", [OAUTH, "/oauth2/authorize", "/_local/resources"])
def test_a_request_under_another_hosts_name_is_refused(authkit: AuthKit, host: str, path: str) -> None:
    assert authkit.http.get(path, headers={"Host": host, **HOOK}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8001", "LOCALHOST", "[::1]:8001", "127.0.0.1"])
def test_every_name_of_this_machine_is_accepted(authkit: AuthKit, host: str) -> None:
    assert authkit.http.get(OAUTH, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8001/", "127.0.0.1:8001", "https://a.example/path"])
def test_an_issuer_that_is_no_bare_origin_is_refused_at_once(start: StartAuthKit, issuer: str) -> None:
    with pytest.raises(ValueError, match="give an origin without a trailing slash"):
        start(issuer=issuer)
