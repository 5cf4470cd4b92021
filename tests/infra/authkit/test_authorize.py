"""What `/oauth2/authorize` lets through, and where its refusals go."""

from dataclasses import replace

import pytest

from infra.local.seed.rows import Seed
from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import CHALLENGE, REDIRECT_URI, AuthKit, sent_back


def test_an_unknown_client_ends_on_authkits_error_page(authkit: AuthKit) -> None:
    response = authkit.authorize(client_id="client_01UNKNOWN")
    assert response.status_code == 302
    assert response.headers["location"] == "/oauth2/error?error=application_not_found"


@pytest.mark.parametrize("client_id", [None, "", "https://client.example/metadata.json"])
def test_a_missing_client_and_a_client_url_are_unknown_clients(authkit: AuthKit, client_id: str | None) -> None:
    authkit.new_client()
    assert authkit.authorize(client_id=client_id).headers["location"].endswith("application_not_found")


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "https://evil.example/callback",
        REDIRECT_URI + "/",
        REDIRECT_URI + "?x=1",
        REDIRECT_URI.replace("127.0.0.1", "localhost"),
        REDIRECT_URI.replace("127.0.0.1", "[::1]"),
        REDIRECT_URI.replace("127.0.0.1", "127.0.0.2"),
        REDIRECT_URI.replace("http:", "https:"),
        REDIRECT_URI.replace("33418", "99999"),
        REDIRECT_URI.replace("33418", "33418@evil.example"),
        REDIRECT_URI.replace("33418", "33418.evil.example"),
        REDIRECT_URI.replace("33418/", "33418\\@evil.example/"),
        REDIRECT_URI + "#x",
        REDIRECT_URI.upper(),
    ],
)
def test_a_redirect_that_was_not_registered_is_never_followed(authkit: AuthKit, redirect_uri: str | None) -> None:
    response = authkit.authorize(redirect_uri=redirect_uri)
    assert response.headers["location"] == "/oauth2/error?error=redirect_uri_not_registered"


@pytest.mark.matrix
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("registered_port", ["", ":80", ":33418"])
@pytest.mark.parametrize("tail", ["", "/", "/callback", "/callback?a=b", "?a=b"])
def test_a_loopback_redirect_is_followed_to_whatever_port_the_client_listens_on(
    authkit: AuthKit, host: str, registered_port: str, tail: str
) -> None:
    authkit.new_client(redirect_uris=[f"http://{host}{registered_port}{tail}"])

    for port in ("", ":1", ":33419", ":65535"):
        asked = f"http://{host}{port}{tail}"
        assert "code" in authkit.login(redirect_uri=asked)


def test_of_any_other_redirect_the_port_counts(authkit: AuthKit) -> None:
    authkit.new_client(redirect_uris=["https://client.example:8443/callback", "cursor://127.0.0.1:1/callback"])

    for asked in (
        "https://client.example:8444/callback",
        "https://client.example/callback",
        "cursor://127.0.0.1/callback",
    ):
        response = authkit.authorize(redirect_uri=asked)
        assert response.headers["location"].endswith("redirect_uri_not_registered"), asked


def test_no_issuer_is_sent_with_the_code_or_with_an_error_and_none_is_advertised(authkit: AuthKit) -> None:
    """RFC 9207, which AuthKit does not implement: it would have to advertise it (section 3)."""
    metadata = authkit.http.get("/.well-known/oauth-authorization-server").json()

    assert "authorization_response_iss_parameter_supported" not in metadata
    assert set(authkit.login()) == {"code", "state"}
    assert set(sent_back(authkit.authorize(scope="nonsense"))) == {"error", "error_description", "state"}


def test_a_second_redirect_uri_does_not_get_past_the_check(authkit: AuthKit) -> None:
    client_id = authkit.new_client()
    response = authkit.http.get(
        "/oauth2/authorize",
        params=[
            ("client_id", client_id),
            ("redirect_uri", REDIRECT_URI),
            ("redirect_uri", "https://evil.example"),
        ],
    )
    assert response.headers["location"] == "/oauth2/error?error=redirect_uri_not_registered"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"scope": "openid reports:read"}, "invalid_scope"),
        ({"scope": "openid  email"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ],
)
def test_after_a_trusted_redirect_the_client_hears_of_the_error(
    authkit: AuthKit, changes: dict[str, str | None], error: str
) -> None:
    answer = sent_back(authkit.authorize(**changes))
    assert answer.pop("error_description")
    assert answer == {"error": error, "state": "the state"}


@pytest.mark.parametrize(("name", "error"), [("resource", "invalid_target"), ("scope", "invalid_request")])
def test_a_repeated_parameter_is_refused(authkit: AuthKit, name: str, error: str) -> None:
    query = {"client_id": authkit.new_client(), "redirect_uri": REDIRECT_URI, "response_type": "code"}
    response = authkit.http.get("/oauth2/authorize", params=[*query.items(), (name, "a"), (name, "b")])
    assert sent_back(response)["error"] == error


def test_state_comes_back_unchanged(authkit: AuthKit) -> None:
    state = "a b+c&d=e%20/ü#<script>"
    assert authkit.login(state=state)["state"] == state


def test_without_a_state_none_comes_back_and_no_issuer_either(authkit: AuthKit) -> None:
    assert authkit.login(state=None).keys() == {"code"}


def test_the_query_of_a_registered_redirect_is_kept(authkit: AuthKit) -> None:
    uri = "https://client.example/callback?tenant=1"
    authkit.new_client(redirect_uris=[uri])
    response = authkit.authorize(redirect_uri=uri, response_type="token")
    assert response.headers["location"].startswith(uri + "&error=unsupported_response_type")


def test_without_a_scope_the_token_is_for_the_standard_three(authkit: AuthKit) -> None:
    assert authkit.tokens(scope=None)["scope"] == "openid profile email"


def test_scopes_switched_on_for_the_environment_are_allowed(start: StartAuthKit, seed: Seed) -> None:
    environment = replace(seed.environment, extra_scopes=("reports:read",))
    authkit = start(seed=replace(seed, environment=environment))
    assert authkit.tokens(scope="openid reports:read")["scope"] == "openid reports:read"
    assert sent_back(authkit.authorize(scope="reports:write"))["error"] == "invalid_scope"


def test_the_seeded_machine_application_cannot_log_anyone_in(authkit: AuthKit) -> None:
    response = authkit.authorize(client_id="client_01LOCALMACHINE00000000000")
    assert response.headers["location"] == "/oauth2/error?error=redirect_uri_not_registered"
