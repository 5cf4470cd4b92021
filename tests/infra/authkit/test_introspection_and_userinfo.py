"""The two endpoints that say what a token stands for."""

import base64

import pytest

from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import ADA, ALAN, AuthKit, claims_of


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_live_access_token_is_described(authkit: AuthKit) -> None:
    token = authkit.tokens()["access_token"]
    claims = claims_of(token)
    shown = {name: claims[name] for name in ("iss", "sub", "sid", "org_id", "jti", "client_id", "exp", "iat")}
    assert authkit.introspect(token).json() == {"active": True, "token_type": "access_token"} | shown


def test_a_machine_token_is_described_without_a_sid(authkit: AuthKit) -> None:
    token = authkit.hook("token", {"machine": True}).json()["access_token"]
    described = authkit.introspect(token).json()
    assert described["active"] is True
    assert described["sub"] == described["client_id"]
    assert "sid" not in described


def test_a_refresh_token_is_described_while_it_is_current(authkit: AuthKit) -> None:
    token = authkit.tokens(ALAN)["refresh_token"]
    assert authkit.introspect(token).json() == {
        "active": True,
        "iss": authkit.issuer,
        "sub": "user_01LOCALALANTURING00000000",
        "client_id": authkit.client_id,
        "token_type": "refresh_token",
    }
    authkit.refresh(token)
    assert authkit.introspect(token).json() == {"active": False}


def test_expired_foreign_and_id_tokens_are_not_active(authkit: AuthKit, start: StartAuthKit) -> None:
    answer = authkit.tokens()
    foreign = authkit.hook("token", {"claims": {"iss": "https://other.authkit.app"}}).json()["access_token"]
    tampered = answer["access_token"][:-6] + "AAAAAA"
    authkit.clock.pass_by(301)
    for token in (answer["access_token"], answer["id_token"], foreign, tampered, "garbage"):
        assert authkit.introspect(token).json() == {"active": False}


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": 3},
        {"sid": []},
        {"sid": {}},
        {"scope": ["openid"]},
        {"org_id": 1},
        {"iat": "now"},
        {"exp": None},
        {"exp": True},
        {"exp": 10**400},
    ],
)
def test_a_token_bent_out_of_form_is_not_active_and_breaks_nothing(
    authkit: AuthKit, claims: dict[str, object]
) -> None:
    token = authkit.hook("token", {"claims": claims}).json()["access_token"]
    assert authkit.introspect(token).json() == {"active": False}
    assert authkit.http.get("/oauth2/userinfo", headers=bearer(token)).status_code == 401


def test_a_text_of_endless_nesting_is_no_token(authkit: AuthKit) -> None:
    nested = base64.urlsafe_b64encode(b"[" * 20_000).rstrip(b"=").decode()
    assert authkit.introspect(f"{nested}.{nested}.x").json() == {"active": False}


def test_an_id_token_is_no_access_token(authkit: AuthKit) -> None:
    id_token = authkit.tokens()["id_token"]
    assert authkit.introspect(id_token).json() == {"active": False}
    assert authkit.http.get("/oauth2/userinfo", headers=bearer(id_token)).status_code == 401


@pytest.mark.parametrize("secret", [None, "wrong"])
def test_introspection_needs_the_applications_secret(authkit: AuthKit, secret: str | None) -> None:
    fields = {"token": "x", "client_id": "client_01LOCALINTROSPECTION00000"}
    response = authkit.http.post(
        "/oauth2/introspection", data=fields | ({"client_secret": secret} if secret else {})
    )
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_introspection_takes_the_secret_in_the_header_too(authkit: AuthKit) -> None:
    pair = base64.b64encode(b"client_01LOCALINTROSPECTION00000:local-introspection-secret").decode()
    response = authkit.http.post(
        "/oauth2/introspection", data={"token": "x"}, headers={"Authorization": f"Basic {pair}"}
    )
    assert response.json() == {"active": False}


def test_a_registered_client_may_not_introspect(authkit: AuthKit) -> None:
    fields = {"token": "x", "client_id": authkit.new_client()}
    assert authkit.http.post("/oauth2/introspection", data=fields).status_code == 401


def test_introspection_without_a_token_is_refused(authkit: AuthKit) -> None:
    response = authkit.introspect("")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_tells_what_the_scopes_allow(authkit: AuthKit, method: str) -> None:
    token = authkit.tokens(ADA, scope="openid email")["access_token"]
    response = authkit.http.request(method, "/oauth2/userinfo", headers=bearer(token))
    assert response.json() == {"sub": "user_01LOCALADALOVELACE0000000", "email": ADA, "email_verified": True}


def test_userinfo_without_a_token_challenges_without_an_error(authkit: AuthKit) -> None:
    response = authkit.http.get("/oauth2/userinfo")
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


def test_userinfo_refuses_expired_machine_and_unscoped_tokens(authkit: AuthKit) -> None:
    for body in ({"lifetime": -1}, {"machine": True}, {"scope": "email"}):
        token = authkit.hook("token", body).json()["access_token"]
        response = authkit.http.get("/oauth2/userinfo", headers=bearer(token))
        assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
        assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


def test_userinfo_refuses_a_token_whose_consent_was_revoked(authkit: AuthKit) -> None:
    code = authkit.login()["code"]
    token = authkit.exchange(code).json()["access_token"]
    authkit.exchange(code)
    assert authkit.http.get("/oauth2/userinfo", headers=bearer(token)).status_code == 401
