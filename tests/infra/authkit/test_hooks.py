"""The hooks under `/_local/`, which exist in the stand-in alone."""

import json

import pytest

from tests.infra.authkit.rig import GRACE, HOOK, RESOURCE, AuthKit, claims_of

PATHS = [("POST", "signing-keys/rotate"), ("POST", "token"), ("GET", "resources"), ("POST", "resources")]
PATHS += [("GET", "jwt-template"), ("POST", "jwt-template")]


@pytest.mark.parametrize(("method", "path"), [*PATHS, ("DELETE", "resources")])
@pytest.mark.parametrize("headers", [{}, {"X-Local-Stand-In": "0"}, HOOK | {"Origin": "http://localhost:6274"}])
def test_hooks_are_closed_to_whoever_does_not_say_the_word(
    authkit: AuthKit, method: str, path: str, headers: dict[str, str]
) -> None:
    assert authkit.http.request(method, f"/_local/{path}", headers=headers).status_code == 403


def test_a_token_needs_no_arguments(authkit: AuthKit) -> None:
    claims = authkit.minted()
    assert claims["sub"] == "user_01LOCALADALOVELACE0000000"
    assert claims["org_id"] == "org_01LOCALANALYTICALENGINES00"
    assert (claims["aud"], claims["scope"]) == (RESOURCE, "openid profile email")
    assert claims["exp"] - claims["iat"] == 300
    assert claims.keys() == claims_of(authkit.tokens()["access_token"]).keys()


@pytest.mark.parametrize("organization", ["Compiler Works", "org_01LOCALCOMPILERWORKS000000"])
def test_user_and_organization_go_by_name_or_id(authkit: AuthKit, organization: str) -> None:
    claims = authkit.minted(user=GRACE, organization=organization)
    assert claims["org_id"] == "org_01LOCALCOMPILERWORKS000000"


def test_null_is_a_login_without_an_organization(authkit: AuthKit) -> None:
    assert "org_id" not in authkit.minted(user=GRACE, organization=None)


def test_a_token_can_be_expired_or_long_lived(authkit: AuthKit) -> None:
    assert authkit.minted(lifetime=-60)["exp"] == int(authkit.clock.now) - 60
    assert authkit.minted(lifetime=86400)["exp"] == int(authkit.clock.now) + 86400


def test_audience_scope_and_claims_can_be_bent(authkit: AuthKit) -> None:
    claims = authkit.minted(audience="https://other.example", scope="a b", claims={"sid": None, "role": "admin"})
    assert (claims["aud"], claims["scope"], claims["role"]) == ("https://other.example", "a b", "admin")
    assert "sid" not in claims


def test_a_machine_token_comes_from_the_same_hook(authkit: AuthKit) -> None:
    claims = authkit.minted(machine=True)
    assert claims["sub"] == claims["client_id"] == "client_01LOCALMACHINE00000000000"
    assert "sid" not in claims


@pytest.mark.parametrize("machine", ["Audit Export", "client_01LOCALAUDITMACHINE000000"])
def test_a_machine_goes_by_name_or_id(authkit: AuthKit, machine: str) -> None:
    claims = authkit.minted(machine=machine)
    assert (claims["sub"], claims["org_id"]) == (
        "client_01LOCALAUDITMACHINE000000",
        "org_01LOCALCOMPILERWORKS000000",
    )
    assert authkit.minted(machine=machine, scope="audit:read", organization=None)["scope"] == "audit:read"


def test_an_impersonated_users_token_names_the_admin_as_its_actor(authkit: AuthKit) -> None:
    claims = authkit.minted(user=GRACE, impersonator="admin@example.com")
    assert (claims["act"], claims["sub"]) == ({"sub": "admin@example.com"}, "user_01LOCALGRACEHOPPER0000000")
    assert "act" not in authkit.minted(user=GRACE)


def test_a_web_session_is_what_a_web_application_has_of_a_sign_in(authkit: AuthKit) -> None:
    claims = authkit.minted(web_session=True, user=GRACE, organization="Compiler Works")

    assert claims["sid"].startswith("session_")
    assert not {"scope", "aud"} & claims.keys()
    assert (claims["iss"], claims["client_id"]) == (authkit.issuer, authkit.minted(machine=True)["aud"])
    assert (claims["org_id"], claims["role"]) == ("org_01LOCALCOMPILERWORKS000000", "admin")
    assert "reports:write" in claims["permissions"]


def test_a_web_session_may_be_of_no_organization_and_impersonated(authkit: AuthKit) -> None:
    claims = authkit.minted(web_session=True, organization=None, impersonator="admin@example.com")

    assert not {"org_id", "role", "permissions"} & claims.keys()
    assert claims["act"] == {"sub": "admin@example.com"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"web_session": "yes"}, "web_session must be true or false"),
        ({"web_session": True, "machine": True}, "web_session and machine exclude each other"),
        ({"web_session": True, "scope": "openid"}, "web_session and scope exclude each other"),
        ({"user": "mallory@example.com"}, "ada@example.com"),
        ({"organization": "Compiler Works"}, "theirs: Analytical Engines"),
        ({"organization": 3}, "organization must be a string"),
        ({"lifetime": "long"}, "whole number of seconds"),
        ({"lifetime": True}, "whole number of seconds"),
        ({"machine": 1}, "machine must be true or false"),
        ({"machine": ""}, "machine must be true or false"),
        ({"machine": "Toaster"}, "seeded are: Nightly Import, Audit Export"),
        ({"machine": True, "impersonator": "a@example.com"}, "machine and impersonator exclude each other"),
        ({"machine": True, "user": GRACE}, "machine and user exclude each other"),
        ({"impersonator": 1}, "impersonator must be a string"),
        ({"claims": []}, "claims must be an object"),
        ({"usr": "x"}, "'usr' is not a field"),
        ({"resource": "https://unregistered.example"}, "not registered"),
    ],
)
def test_a_wrong_request_hears_what_is_wrong(authkit: AuthKit, body: dict[str, object], said: str) -> None:
    response = authkit.hook("token", body)
    assert response.status_code == 400
    assert said in response.json()["error_description"]


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", b"[" * 60_000, b'{"uri": "https://a/\\ud800"}'])
@pytest.mark.parametrize("path", ["token", "resources", "signing-keys/rotate", "jwt-template"])
def test_a_body_that_is_no_object_is_refused(authkit: AuthKit, content: bytes, path: str) -> None:
    assert authkit.http.post(f"/_local/{path}", content=content, headers=HOOK).status_code == 400


def test_a_rotation_that_keeps_the_old_key_lets_old_tokens_live(authkit: AuthKit) -> None:
    (old_kid,) = authkit.published_kids()
    old_token = authkit.tokens()["access_token"]
    answer = authkit.hook("signing-keys/rotate", {"keep_old": True}).json()
    new_token = authkit.tokens()["access_token"]
    assert answer == {"kid": answer["kid"], "published": [old_kid, answer["kid"]]}
    assert authkit.verifies(old_token)
    assert authkit.verifies(new_token)
    assert answer["kid"] != old_kid


def test_a_rotation_that_withdraws_the_old_key_ends_old_tokens(authkit: AuthKit) -> None:
    old_token = authkit.tokens()["access_token"]
    answer = authkit.hook("signing-keys/rotate", {"keep_old": False}).json()
    assert authkit.published_kids() == [answer["kid"]]
    assert not authkit.verifies(old_token)
    assert authkit.introspect(old_token).json() == {"active": False}


def test_keep_old_is_a_truth_value(authkit: AuthKit) -> None:
    assert authkit.hook("signing-keys/rotate", {"keep_old": "no"}).status_code == 400


def test_resources_are_listed_added_and_deleted(authkit: AuthKit) -> None:
    other = "https://other.example/mcp"
    added = authkit.hook("resources", {"uri": other})
    assert (added.status_code, added.json()) == (201, {"resources": [RESOURCE, other], "default": RESOURCE})
    assert claims_of(authkit.tokens(resource=other)["access_token"])["aud"] == other
    authkit.hook("resources", {"uri": RESOURCE}, method="DELETE")
    listed = authkit.http.get("/_local/resources", headers=HOOK)
    assert listed.json() == {"resources": [other], "default": None}


@pytest.mark.parametrize("uri", [None, 1, "mcp", "ftp://a.example", "https://a.example/#f"])
def test_a_resource_is_an_absolute_uri(authkit: AuthKit, uri: object) -> None:
    assert authkit.hook("resources", {"uri": uri}).status_code == 400


def test_deleting_an_unknown_resource_is_not_found(authkit: AuthKit) -> None:
    assert authkit.hook("resources", {"uri": "https://a.example"}, method="DELETE").status_code == 404


def test_hook_answers_are_json(authkit: AuthKit) -> None:
    assert json.loads(authkit.http.post("/_local/token").content)["error"] == "invalid_request"
