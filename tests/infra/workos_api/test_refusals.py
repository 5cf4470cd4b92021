"""Who is let in, and what every answer has."""

import http.client
import uuid

import httpx2
import pytest
from workos import AuthenticationError, NotFoundError

from tests.infra.workos_api.rig import ADA, ENGINES, HOOK, Api

PATHS = [
    ("GET", f"/user_management/users/{ADA}"),
    ("PUT", f"/user_management/users/{ADA}"),
    ("GET", "/organizations"),
    ("POST", "/audit_logs/events"),
    ("GET", "/user_management/authkit_oauth_resources"),
    ("DELETE", "/user_management/authkit_oauth_resources/x"),
    ("GET", "/no/such/thing"),
]


@pytest.mark.matrix
@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer sk_test_other"},
        {"Authorization": "Basic sk_test_local"},
        {"Authorization": "sk_test_local"},
        {"Authorization": "Bearer"},
        {"Authorization": "bearer sk_test_localx"},
        HOOK,
    ],
)
def test_without_the_api_key_nothing_is_answered(
    api: Api, method: str, path: str, headers: dict[str, str]
) -> None:
    with httpx2.Client(base_url=api.url, trust_env=False) as client:
        refused = client.request(method, path, headers=headers)

    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})
    assert uuid.UUID(refused.headers["x-request-id"]).version == 4


def test_two_keys_are_none(api: Api) -> None:
    key = ("Authorization", "Bearer sk_test_local")
    with httpx2.Client(base_url=api.url, trust_env=False) as client:
        assert client.get("/organizations", headers=[key, key]).status_code == 401


def test_the_sdk_says_authentication_error_with_the_request_id(api: Api) -> None:
    with pytest.raises(AuthenticationError) as refused:
        api.ask(lambda workos: workos.organizations.get_organization(ENGINES), api_key="sk_test_other")

    assert refused.value.message == "Unauthorized"
    assert uuid.UUID(refused.value.request_id).version == 4


def test_each_answer_has_a_request_id_of_its_own(api: Api) -> None:
    responses = [
        api.http.get(path) for path in ("/organizations", "/organizations/x", "/nothing", "/organizations")
    ]

    assert len({uuid.UUID(response.headers["x-request-id"]) for response in responses}) == 4


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_another_host_is_refused_before_the_key_is_looked_at(api: Api, host: str) -> None:
    refused = api.http.get("/organizations", headers={"Host": host})

    assert refused.status_code in (400, 403)


def test_no_web_page_of_another_origin_is_allowed(api: Api) -> None:
    asked = api.http.options(
        "/organizations",
        headers={"Origin": "http://localhost:6274", "Access-Control-Request-Method": "GET"},
    )

    assert asked.status_code == 404
    assert not [name for name in asked.headers if name.startswith("access-control")]


def test_what_the_stand_in_lacks_is_said_as_such(api: Api) -> None:
    with pytest.raises(NotFoundError) as refused:
        api.ask(lambda workos: workos.organizations.get_audit_log_configuration(ENGINES))

    assert "The local WorkOS API has no GET /organizations/" in refused.value.message
    wrong_method = api.http.delete(f"/organizations/{ENGINES}")
    assert (wrong_method.status_code, wrong_method.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "/organizations/../user_management/users",
        "/organizations/%2e%2e/%2e%2e/etc/passwd",
        "/organizations/..%2f..",
    ],
)
def test_no_path_leads_out_of_its_list(api: Api, path: str) -> None:
    # Not by httpx2, which would tidy the path up.
    connection = http.client.HTTPConnection("127.0.0.1", int(api.url.rpartition(":")[2]), timeout=120)
    connection.request("GET", path, headers={"Authorization": f"Bearer {api.seed.environment.api_key}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()

    assert answer.status == 404
