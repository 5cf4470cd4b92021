"""The shapes of the tokens, claim by claim."""

import jwt
import pytest

from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import ADA, ALL_SCOPES, RESOURCE, AuthKit, claims_of

ENVIRONMENT = "client_01LOCALENVIRONMENT00000000"
MACHINE = {"client_id": "client_01LOCALMACHINE00000000000", "client_secret": "local-machine-secret"}


def test_a_user_token_has_authkits_claims_and_no_others(authkit: AuthKit) -> None:
    answer = authkit.tokens(ADA)
    claims = claims_of(answer["access_token"])
    now = int(authkit.clock.now)
    assert claims.pop("sid").startswith("app_consent_01")
    assert len(claims.pop("jti")) == 26
    assert claims == {
        "iss": authkit.issuer,
        "aud": RESOURCE,
        "sub": "user_01LOCALADALOVELACE0000000",
        "client_id": authkit.client_id,
        "org_id": "org_01LOCALANALYTICALENGINES00",
        "scope": ALL_SCOPES,
        "iat": now,
        "exp": now + 300,
    }


def test_the_header_is_exactly_alg_and_kid(authkit: AuthKit) -> None:
    answer = authkit.tokens()
    for token in (answer["access_token"], answer["id_token"]):
        assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": authkit.published_kids()[0]}
        assert authkit.verifies(token)


def test_the_answer_agrees_with_the_token_and_is_not_stored(authkit: AuthKit) -> None:
    response = authkit.exchange(authkit.login()["code"])
    answer = response.json()
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"}
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 300, ALL_SCOPES)
    assert response.headers["cache-control"] == "no-store"


def test_a_lifetime_can_be_chosen_for_the_environment(start: StartAuthKit) -> None:
    answer = start(token_lifetime=60).tokens()
    claims = claims_of(answer["access_token"])
    assert (answer["expires_in"], claims["exp"] - claims["iat"]) == (60, 60)


def test_an_id_token_speaks_to_the_application(authkit: AuthKit) -> None:
    claims = claims_of(authkit.tokens(ADA, nonce="n-0S6_WzA2Mj")["id_token"])
    now = int(authkit.clock.now)
    assert claims == {
        "iss": authkit.issuer,
        "aud": authkit.client_id,
        "sub": "user_01LOCALADALOVELACE0000000",
        "exp": now + 300,
        "iat": now,
        "email": ADA,
        "email_verified": True,
        "name": "Ada Lovelace",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "nonce": "n-0S6_WzA2Mj",
    }


def test_an_id_token_needs_openid_and_tells_what_the_scopes_allow(authkit: AuthKit) -> None:
    assert "id_token" not in authkit.tokens(scope="profile email")
    assert not claims_of(authkit.tokens(scope="openid")["id_token"]).keys() & {"email", "name", "nonce"}


def test_without_any_indicator_the_audience_is_the_environment(start: StartAuthKit) -> None:
    authkit = start(resources=[])
    for resource in (RESOURCE, None):
        assert claims_of(authkit.tokens(resource=resource)["access_token"])["aud"] == ENVIRONMENT


def test_the_environment_client_id_can_be_set(start: StartAuthKit) -> None:
    authkit = start(resources=[], environment_client_id="client_01OTHER")
    assert claims_of(authkit.tokens()["access_token"])["aud"] == "client_01OTHER"


def test_a_client_that_asks_for_no_resource_gets_the_default_indicator(start: StartAuthKit) -> None:
    authkit = start(resources=["https://first.example/mcp", RESOURCE])
    assert claims_of(authkit.tokens(resource=None)["access_token"])["aud"] == "https://first.example/mcp"
    assert claims_of(authkit.tokens(resource=RESOURCE)["access_token"])["aud"] == RESOURCE


@pytest.mark.parametrize("resource", [RESOURCE + "/", "https://evil.example/mcp", RESOURCE.upper(), "mcp"])
def test_an_unregistered_resource_gets_no_token(authkit: AuthKit, resource: str) -> None:
    response = authkit.exchange(authkit.login(resource=resource)["code"])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_target")


def test_a_machine_token_is_for_the_environment_whatever_is_asked(authkit: AuthKit) -> None:
    response = authkit.token(grant_type="client_credentials", resource=RESOURCE, **MACHINE)
    assert response.status_code == 200
    assert response.json().keys() == {"access_token", "token_type", "expires_in", "scope"}
    claims = claims_of(response.json()["access_token"])
    now = int(authkit.clock.now)
    assert len(claims.pop("jti")) == 26
    assert claims == {
        "iss": authkit.issuer,
        "aud": ENVIRONMENT,
        "sub": MACHINE["client_id"],
        "client_id": MACHINE["client_id"],
        "org_id": "org_01LOCALANALYTICALENGINES00",
        "scope": "reports:read",
        "iat": now,
        "exp": now + 300,
    }
