"""Grants: what is exchanged for tokens, and every way it is refused."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import REDIRECT_URI, RESOURCE, VERIFIER, AuthKit, basic, claims_of

MACHINE = ("client_01LOCALMACHINE00000000000", "local-machine-secret")
UNKNOWN = "client_01UNKNOWN"


def refusal(response: httpx2.Response) -> tuple[int, str]:
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["error"]


def test_a_code_is_good_once_and_its_replay_ends_what_it_gave(authkit: AuthKit) -> None:
    code = authkit.login()["code"]
    answer = authkit.exchange(code).json()
    assert authkit.introspect(answer["access_token"]).json()["active"] is True

    assert refusal(authkit.exchange(code)) == (400, "invalid_grant")

    assert authkit.introspect(answer["access_token"]).json() == {"active": False}
    assert refusal(authkit.refresh(answer["refresh_token"])) == (400, "invalid_grant")


def test_a_code_expires_within_a_minute(authkit: AuthKit) -> None:
    code = authkit.login()["code"]
    authkit.clock.pass_by(61)
    assert refusal(authkit.exchange(code)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "verifier", [None, "", "wrong" * 10, VERIFIER + "x", "short", VERIFIER[:-1] + "é", VERIFIER + " "]
)
def test_without_the_right_verifier_there_is_no_token(authkit: AuthKit, verifier: str | None) -> None:
    response = authkit.exchange(authkit.login()["code"], code_verifier=verifier)
    assert refusal(response) == (400, "invalid_grant")


def test_a_code_that_failed_once_is_burnt(authkit: AuthKit) -> None:
    code = authkit.login()["code"]
    authkit.exchange(code, code_verifier="wrong" * 10)
    assert refusal(authkit.exchange(code)) == (400, "invalid_grant")


@pytest.mark.parametrize("redirect_uri", [None, "https://evil.example/callback", REDIRECT_URI + "/"])
def test_the_redirect_of_the_authorization_must_be_repeated(authkit: AuthKit, redirect_uri: str | None) -> None:
    response = authkit.exchange(authkit.login()["code"], redirect_uri=redirect_uri)
    assert refusal(response) == (400, "invalid_grant")


def test_a_code_is_for_the_client_it_was_issued_to(authkit: AuthKit) -> None:
    code = authkit.login()["code"]
    authkit.new_client()
    assert refusal(authkit.exchange(code)) == (400, "invalid_grant")


def test_the_resource_may_be_repeated_but_not_changed(start: StartAuthKit) -> None:
    other = "https://other.example/mcp"
    authkit = start(resources=[RESOURCE, other])
    assert authkit.exchange(authkit.login()["code"], resource=RESOURCE).status_code == 200
    assert refusal(authkit.exchange(authkit.login()["code"], resource=other)) == (400, "invalid_target")
    late = authkit.exchange(authkit.login(resource=None)["code"], resource=other)
    assert refusal(late) == (400, "invalid_target")


def test_the_default_that_was_granted_may_be_named_at_the_exchange(start: StartAuthKit) -> None:
    authkit = start(resources=[RESOURCE, "https://other.example/mcp"])
    named = authkit.exchange(authkit.login(resource=None)["code"], resource=RESOURCE)
    assert claims_of(named.json()["access_token"])["aud"] == RESOURCE


def test_without_a_default_no_resource_can_be_named_late(start: StartAuthKit) -> None:
    authkit = start(resources=[RESOURCE])
    authkit.hook("resources", {"uri": "https://other.example/mcp"})
    authkit.hook("resources", {"uri": RESOURCE}, method="DELETE")
    for resource in ("https://other.example/mcp", "client_01LOCALENVIRONMENT00000000"):
        late = authkit.exchange(authkit.login(resource=None)["code"], resource=resource)
        assert refusal(late) == (400, "invalid_target")


def test_an_exchange_may_ask_for_less_than_was_granted_and_not_for_more(authkit: AuthKit) -> None:
    login = {"scope": "openid email offline_access"}
    less = authkit.exchange(authkit.login(**login)["code"], scope="openid").json()
    assert less["scope"] == claims_of(less["access_token"])["scope"] == "openid"
    assert authkit.refresh(less["refresh_token"]).json()["scope"] == "openid email offline_access"
    more = authkit.exchange(authkit.login(**login)["code"], scope="openid profile")
    assert refusal(more) == (400, "invalid_scope")


def test_a_refresh_token_is_given_for_offline_access_alone(authkit: AuthKit) -> None:
    assert "refresh_token" not in authkit.tokens(scope="openid profile email")


def test_a_refresh_rotates_and_keeps_what_was_granted(authkit: AuthKit) -> None:
    first = authkit.tokens()
    second = authkit.refresh(first["refresh_token"]).json()
    before, after = claims_of(first["access_token"]), claims_of(second["access_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert {k: v for k, v in before.items() if k != "jti"} == {k: v for k, v in after.items() if k != "jti"}
    assert before["jti"] != after["jti"]
    assert "nonce" not in claims_of(second["id_token"])
    assert authkit.refresh(second["refresh_token"], resource=RESOURCE).status_code == 200


def test_a_refresh_token_used_twice_at_once_gives_the_same_tokens_and_ends_nothing(authkit: AuthKit) -> None:
    first = authkit.tokens()["refresh_token"]
    with ThreadPoolExecutor(4) as pool:
        answers = [each.json() for each in pool.map(authkit.refresh, [first] * 8)]
    authkit.clock.pass_by(29)

    assert authkit.refresh(first).json() == answers[0]
    assert [each == answers[0] for each in answers] == [True] * 8
    assert authkit.introspect(answers[0]["access_token"]).json()["active"] is True
    assert authkit.refresh(answers[0]["refresh_token"]).json()["refresh_token"] != answers[0]["refresh_token"]


def test_each_refresh_token_has_its_own_30_seconds(authkit: AuthKit) -> None:
    first = authkit.tokens()["refresh_token"]
    second = authkit.refresh(first).json()
    authkit.clock.pass_by(20)
    third = authkit.refresh(second["refresh_token"]).json()

    assert (authkit.refresh(first).json(), authkit.refresh(second["refresh_token"]).json()) == (second, third)
    authkit.clock.pass_by(20)
    assert authkit.refresh(second["refresh_token"]).json() == third
    assert refusal(authkit.refresh(first)) == (400, "invalid_grant")
    assert refusal(authkit.refresh(third["refresh_token"])) == (400, "invalid_grant")


def test_a_second_use_may_narrow_the_scope_and_is_checked_like_the_first(authkit: AuthKit) -> None:
    first = authkit.tokens()["refresh_token"]
    whole = authkit.refresh(first).json()
    narrow = authkit.refresh(first, scope="openid").json()

    assert (narrow["scope"], narrow["refresh_token"]) == ("openid", whole["refresh_token"])
    assert claims_of(narrow["access_token"])["scope"] == "openid"
    assert refusal(authkit.refresh(first, scope="openid reports:read")) == (400, "invalid_scope")
    assert refusal(authkit.refresh(first, resource="https://other.example")) == (400, "invalid_target")
    owner = authkit.client_id
    authkit.new_client()
    assert refusal(authkit.refresh(first)) == (400, "invalid_grant")
    authkit.client_id = owner
    assert authkit.refresh(first).json() == whole


def test_a_consent_that_was_ended_has_no_30_seconds(authkit: AuthKit) -> None:
    code = authkit.login()["code"]
    first = authkit.exchange(code).json()["refresh_token"]
    authkit.refresh(first)
    authkit.exchange(code)  # a replay, which ends what the code gave

    assert refusal(authkit.refresh(first)) == (400, "invalid_grant")


def test_a_refresh_token_used_again_later_ends_the_family(authkit: AuthKit) -> None:
    first = authkit.tokens()["refresh_token"]
    second = authkit.refresh(first).json()
    authkit.clock.pass_by(30)
    assert refusal(authkit.refresh(first)) == (400, "invalid_grant")
    assert refusal(authkit.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert authkit.introspect(second["access_token"]).json() == {"active": False}


def test_a_refresh_token_of_another_client_is_refused_and_survives(authkit: AuthKit) -> None:
    token, owner = authkit.tokens()["refresh_token"], authkit.client_id
    authkit.new_client()
    assert refusal(authkit.refresh(token)) == (400, "invalid_grant")
    authkit.client_id = owner
    assert authkit.refresh(token).status_code == 200


@pytest.mark.parametrize("token", ["guess", "a.b", ".", "é.é"])
def test_a_made_up_refresh_token_is_refused(authkit: AuthKit, token: str) -> None:
    authkit.new_client()
    assert refusal(authkit.refresh(token)) == (400, "invalid_grant")


def test_a_refresh_token_expires_when_nobody_uses_it_for_a_month(authkit: AuthKit) -> None:
    token = authkit.tokens()["refresh_token"]
    authkit.clock.pass_by(29 * 24 * 3600)
    token = authkit.refresh(token).json()["refresh_token"]
    authkit.clock.pass_by(31 * 24 * 3600)
    assert refusal(authkit.refresh(token)) == (400, "invalid_grant")


def test_a_refresh_may_narrow_the_scope_for_one_token(authkit: AuthKit) -> None:
    token = authkit.tokens()["refresh_token"]
    narrow = authkit.refresh(token, scope="openid").json()
    assert narrow["scope"] == claims_of(narrow["access_token"])["scope"] == "openid"
    assert authkit.refresh(narrow["refresh_token"]).json()["scope"] == "openid profile email offline_access"


def test_a_refused_refresh_does_not_use_the_token_up(authkit: AuthKit) -> None:
    token = authkit.tokens(scope="openid offline_access")["refresh_token"]
    assert refusal(authkit.refresh(token, scope="openid email")) == (400, "invalid_scope")
    assert refusal(authkit.refresh(token, resource="https://other.example")) == (400, "invalid_target")
    assert authkit.refresh(token).status_code == 200


def test_deleting_an_indicator_ends_the_consents_for_it(start: StartAuthKit) -> None:
    authkit = start(resources=[RESOURCE, "https://other.example/mcp"])
    token = authkit.tokens()["refresh_token"]
    authkit.hook("resources", {"uri": RESOURCE}, method="DELETE")
    assert refusal(authkit.refresh(token)) == (400, "invalid_grant")


def test_the_machine_application_may_send_its_secret_either_way(authkit: AuthKit) -> None:
    fields = {"grant_type": "client_credentials"}
    posted = authkit.token(client_id=MACHINE[0], client_secret=MACHINE[1], **fields)
    in_header = authkit.http.post("/oauth2/token", data=fields, headers=basic(*MACHINE))
    assert (posted.status_code, in_header.status_code) == (200, 200)


def test_the_machine_application_has_its_scopes_and_no_others(authkit: AuthKit) -> None:
    fields = {"grant_type": "client_credentials", "client_id": MACHINE[0], "client_secret": MACHINE[1]}
    assert authkit.token(**fields, scope="reports:read").json()["scope"] == "reports:read"
    assert refusal(authkit.token(**fields, scope="members:manage")) == (400, "invalid_scope")


def test_another_machine_application_is_of_its_own_organization(authkit: AuthKit) -> None:
    other = {"client_id": "client_01LOCALAUDITMACHINE000000", "client_secret": "local-audit-machine-secret"}
    answer = authkit.token(grant_type="client_credentials", **other).json()
    claims = claims_of(answer["access_token"])
    assert (claims["org_id"], claims["scope"]) == ("org_01LOCALCOMPILERWORKS000000", "reports:read audit:read")
    assert claims["sub"] == claims["client_id"] == other["client_id"]
    assert authkit.http.post("/oauth2/introspection", data=other | {"token": answer["access_token"]}).json()[
        "active"
    ]
    swapped = other | {"client_secret": MACHINE[1]}
    assert refusal(authkit.token(grant_type="client_credentials", **swapped)) == (401, "invalid_client")


def test_a_registered_client_gets_no_machine_token(authkit: AuthKit) -> None:
    registered = authkit.register(token_endpoint_auth_method="client_secret_post").json()
    response = authkit.token(
        grant_type="client_credentials",
        client_id=registered["client_id"],
        client_secret=registered["client_secret"],
    )
    assert refusal(response) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    ("fields", "headers", "description"),
    [
        ({}, {}, "Missing authorization header."),
        ({"client_id": UNKNOWN}, {}, "Application not found."),
        ({}, basic(UNKNOWN, "x"), "Application not found."),
        ({"client_id": "https://client.example/metadata.json"}, {}, "Application not found."),
        ({"client_id": MACHINE[0]}, {}, "Missing authorization header."),
        ({"client_id": MACHINE[0], "client_secret": "wrong"}, {}, "Invalid client secret."),
        ({}, basic(MACHINE[0], "wrong"), "Invalid client secret."),
        ({}, {"Authorization": "Basic !!!"}, "The authorization header is malformed."),
        ({}, {"Authorization": "Basic bm9jb2xvbg=="}, "The authorization header is malformed."),
        ({}, {"Authorization": "Bearer abc"}, "The authorization header must be Basic."),
    ],
)
def test_the_client_is_looked_up_before_anything_else(
    authkit: AuthKit, fields: dict[str, str], headers: dict[str, str], description: str
) -> None:
    response = authkit.http.post("/oauth2/token", data={"grant_type": "nonsense"} | fields, headers=headers)
    assert refusal(response) == (401, "invalid_client")
    assert response.json()["error_description"] == description
    assert response.headers["www-authenticate"] == 'Basic realm="AuthKit"'


def test_a_public_client_with_a_secret_is_an_impostor(authkit: AuthKit) -> None:
    response = authkit.exchange(authkit.login()["code"], client_secret="made up")
    assert refusal(response) == (401, "invalid_client")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_secret_comes_the_way_the_client_is_registered_for(authkit: AuthKit, method: str) -> None:
    registered = authkit.register(token_endpoint_auth_method=method).json()
    authkit.client_id, secret = registered["client_id"], registered["client_secret"]
    in_body = authkit.exchange(authkit.login()["code"], client_secret=secret)
    in_header = authkit.exchange_by_basic(authkit.login()["code"], secret)
    accepted, refused = (in_header, in_body) if method == "client_secret_basic" else (in_body, in_header)
    assert accepted.status_code == 200
    assert refusal(refused) == (401, "invalid_client")
    assert method in refused.json()["error_description"]


def test_a_public_client_does_not_come_with_basic(authkit: AuthKit) -> None:
    response = authkit.exchange_by_basic(authkit.login()["code"], "")
    assert refusal(response) == (401, "invalid_client")


def test_two_ways_of_client_authentication_are_one_too_many(authkit: AuthKit) -> None:
    fields = {"grant_type": "client_credentials", "client_id": MACHINE[0], "client_secret": MACHINE[1]}
    response = authkit.http.post("/oauth2/token", data=fields, headers=basic(*MACHINE))
    assert refusal(response) == (400, "invalid_request")
    fields = {"grant_type": "client_credentials", "client_id": UNKNOWN}
    response = authkit.http.post("/oauth2/token", data=fields, headers=basic(*MACHINE))
    assert refusal(response) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "unknown"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
def test_a_grant_that_cannot_be_is_refused_by_its_code(
    authkit: AuthKit, fields: dict[str, str | None], error: str
) -> None:
    authkit.new_client()
    assert refusal(authkit.token(**fields)) == (400, error)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials", "text/plain"),
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_no_plain_form_is_refused(authkit: AuthKit, content: bytes, media_type: str) -> None:
    response = authkit.http.post("/oauth2/token", content=content, headers={"Content-Type": media_type})
    assert refusal(response) == (400, "invalid_request")


def test_a_refusal_repeats_nothing_of_the_request(authkit: AuthKit) -> None:
    authkit.new_client()
    for name in ("grant_type", "code", "scope"):
        asked = {"grant_type": "authorization_code", "code": "x"} | {name: "<b>spoof"}
        assert "spoof" not in authkit.token(**asked).text
