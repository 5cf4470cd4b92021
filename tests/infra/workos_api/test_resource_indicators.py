"""Resource indicators: registered through the API, obeyed by AuthKit, on one port."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from workos import NotFoundError, UnprocessableEntityError

from infra.local.workos import create_workos
from tests.infra.authkit.rig import RESOURCE, Stage, claims_of
from tests.infra.workos_api.rig import HOOK, Api

pytestmark = pytest.mark.broad

OTHER = "https://other.example/mcp"
CLIENT_ID = "client_01LOCALENVIRONMENT00000000"


@pytest.fixture
def workos(api: Api, stage: tuple[Stage, httpx2.Client], tmp_path: Path) -> Api:
    """AuthKit and the API on the same port."""
    stage[0].app = create_workos(
        api.seed, issuer=api.url, state_dir=tmp_path, resources=(RESOURCE,), clock=api.clock
    )
    return api


def audience(workos: Api, **body: object) -> object:
    response = workos.hook("POST", "token", body)
    assert response.status_code == 200, response.text
    return claims_of(response.json()["access_token"])["aud"]


def listed(workos: Api) -> list[tuple[str, bool]]:
    page = workos.ask(lambda client: client.user_management.list_authkit_oauth_resources(order="asc"))
    return [(each.uri, each.default) for each in page.data]


def create(workos: Api, uri: str, **more: Any) -> str:
    made = workos.ask(lambda client: client.user_management.create_authkit_oauth_resource(uri=uri, **more))
    assert made.id.startswith("authkit_oauth_resource_01")
    return made.id


def test_the_indicators_of_authkit_are_listed(workos: Api) -> None:
    assert listed(workos) == [(RESOURCE, True)]


def test_registering_one_lets_authkit_issue_tokens_for_it(workos: Api) -> None:
    assert workos.hook("POST", "token", {"resource": OTHER}).json()["error"] == "invalid_target"

    create(workos, OTHER)

    assert audience(workos, resource=OTHER) == OTHER
    assert audience(workos) == RESOURCE
    assert listed(workos) == [(RESOURCE, True), (OTHER, False)]


def test_a_new_default_takes_the_place_of_the_old_one(workos: Api) -> None:
    create(workos, OTHER, default=True)

    assert listed(workos) == [(RESOURCE, False), (OTHER, True)]
    assert audience(workos) == OTHER


def test_a_deleted_one_is_gone_from_both(workos: Api) -> None:
    id_ = create(workos, OTHER)
    workos.ask(lambda client: client.user_management.delete_authkit_oauth_resource(id_))

    assert listed(workos) == [(RESOURCE, True)]
    assert workos.hook("POST", "token", {"resource": OTHER}).json()["error"] == "invalid_target"
    with pytest.raises(NotFoundError) as refused:
        workos.ask(lambda client: client.user_management.delete_authkit_oauth_resource(id_))
    assert refused.value.message == f"AuthKit OAuth resource not found: '{id_}'."


def test_without_a_default_a_token_is_for_the_environment(workos: Api) -> None:
    create(workos, OTHER)
    [default] = [
        each["id"]
        for each in workos.http.get("/user_management/authkit_oauth_resources").json()["data"]
        if each["default"]
    ]
    workos.ask(lambda client: client.user_management.delete_authkit_oauth_resource(default))

    assert listed(workos) == [(OTHER, False)]
    assert audience(workos) == CLIENT_ID


def test_a_uri_goes_by_its_bytes(workos: Api) -> None:
    create(workos, RESOURCE + "/")

    assert [uri for uri, _ in listed(workos)] == [RESOURCE, RESOURCE + "/"]
    with pytest.raises(UnprocessableEntityError) as refused:
        create(workos, RESOURCE)
    assert refused.value.message == f"AuthKit OAuth resource '{RESOURCE}' already exists."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"uri": ""},
        {"uri": 1},
        {"uri": "mcp"},
        {"uri": "https://"},
        {"uri": "https://[/"},
        {"uri": "https://a.example/#f"},
        {"uri": "https://*.a.example"},
        {"uri": "https://a.example", "default": "yes"},
        {"uri": "https://a.example", "name": "x"},
    ],
)
def test_a_wrong_indicator_is_refused(workos: Api, body: object) -> None:
    assert workos.http.post("/user_management/authkit_oauth_resources", json=body).status_code == 422
    assert listed(workos) == [(RESOURCE, True)]


def test_both_answer_on_one_port_and_only_the_api_asks_for_its_key(workos: Api) -> None:
    with httpx2.Client(base_url=workos.url, trust_env=False) as http:
        document = http.get("/.well-known/oauth-authorization-server")
        assert (document.status_code, document.json()["issuer"]) == (200, workos.url)
        assert http.get("/.well-known/oauth-authorization-server/mcp").status_code == 404
        assert http.get("/oauth2/jwks").status_code == 200
        assert http.get("/organizations").status_code == 401
        assert http.get("/_local/resources", headers=HOOK).json()["default"] == RESOURCE
        assert http.get("/_local/failures", headers=HOOK).json() == {"failures": []}


@pytest.mark.parametrize("path", ["/oauth2/jwks", "/organizations", "/_local/failures"])
def test_both_refuse_another_host(workos: Api, path: str) -> None:
    refused = workos.http.get(path, headers={"Host": "evil.example", **HOOK})

    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden_host")
