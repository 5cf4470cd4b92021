"""The well-known documents: constants for the resource, AuthKit's own words for the authorization server."""

import json
from dataclasses import replace

import pytest

from tests.issuer import BASE_URL, ISSUER
from tests.rig import SETTINGS, Rig, with_settings

RESOURCE_PATHS = ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]
SERVER_PATHS = ["/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/mcp"]
UPSTREAM = f"{ISSUER}/.well-known/oauth-authorization-server"
AUTHKITS_OWN = json.dumps({"issuer": ISSUER, "anything": ["AuthKit", "says"]}, indent=3).encode()


@pytest.mark.parametrize("path", RESOURCE_PATHS)
def test_both_forms_of_the_protected_resource_metadata_say_the_same(path: str, rig: Rig) -> None:
    answer = rig.request("GET", path)

    assert answer.status == 200
    assert answer.json == {
        "resource": f"{BASE_URL}/mcp",
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    }
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=3600"


def test_required_scopes_and_the_docs_page_are_in_it() -> None:
    rig = with_settings(required_scopes=("files:read", "email"), docs_url="https://docs.example.com")

    document = rig.request("GET", RESOURCE_PATHS[0]).json

    assert document["scopes_supported"] == ["openid", "profile", "email", "files:read", "offline_access"]
    assert document["resource_documentation"] == "https://docs.example.com"


@pytest.mark.parametrize("path", RESOURCE_PATHS)
def test_offline_access_is_left_out_for_who_wants_the_mcp_text_to_the_letter(path: str) -> None:
    rig = with_settings(advertise_offline_access=False, required_scopes=("files:read",))

    assert rig.request("GET", path).json["scopes_supported"] == ["openid", "profile", "email", "files:read"]


@pytest.mark.parametrize("advertised", [True, False])
@pytest.mark.parametrize("required", [(), ("files:read",)])
def test_no_challenge_asks_for_offline_access(advertised: bool, required: tuple[str, ...]) -> None:
    rig = with_settings(advertise_offline_access=advertised, required_scopes=required)
    tokens = [None, "not a token", rig.issuer.token(exp=1), rig.issuer.token(scope="openid")]

    answers = [rig.request(token=token) for token in tokens]

    refused = [answer for answer in answers if answer.status in (401, 403)]
    assert [answer.status for answer in refused] == [401, 401, 401, *([403] if required else [])]
    for answer in refused:
        assert "offline_access" not in answer.text + answer.headers["www-authenticate"]


@pytest.mark.parametrize("path", RESOURCE_PATHS)
def test_nothing_is_fetched_for_it_and_no_origin_or_host_changes_it(path: str, rig: Rig) -> None:
    rig.issuer.down = True
    headers = {"origin": "https://evil.example", "host": "evil.example", "x-forwarded-host": "evil.example"}

    answer = rig.request("GET", path, headers=headers)

    assert (answer.status, answer.json["resource"]) == (200, f"{BASE_URL}/mcp")
    assert "evil" not in answer.text
    assert rig.issuer.fetched == []


@pytest.mark.parametrize("path", [*RESOURCE_PATHS, *SERVER_PATHS])
def test_a_browser_may_ask_for_it_with_any_header(path: str, rig: Rig) -> None:
    rig.issuer.down = True
    headers = {"origin": "https://any.example", "access-control-request-method": "GET"}

    answer = rig.request("OPTIONS", path, headers=headers)

    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert answer.headers["access-control-allow-headers"] == "*"
    assert rig.request("HEAD", path).status == 200


@pytest.mark.parametrize("path", SERVER_PATHS)
def test_authkits_document_is_passed_on_unchanged_and_fetched_once(path: str, rig: Rig) -> None:
    rig.issuer.documents[UPSTREAM] = AUTHKITS_OWN

    answers = [rig.request("GET", path) for _ in range(10)]

    assert {answer.text for answer in answers} == {AUTHKITS_OWN.decode()}
    assert answers[0].headers["access-control-allow-origin"] == "*"
    assert rig.issuer.fetched == [UPSTREAM]


def test_it_is_fetched_again_after_an_hour(rig: Rig) -> None:
    rig.issuer.documents[UPSTREAM] = AUTHKITS_OWN
    rig.request("GET", SERVER_PATHS[0])
    rig.issuer.clock.now += 3600
    rig.request("GET", SERVER_PATHS[0])

    assert rig.issuer.fetched == [UPSTREAM] * 2


def test_while_authkit_is_down_a_static_document_serves_and_authkit_is_left_alone_for_a_while(rig: Rig) -> None:
    rig.issuer.down = True

    documents = [rig.request("GET", SERVER_PATHS[0]).json for _ in range(5)]

    assert documents[0]["issuer"] == ISSUER
    assert documents[0]["authorization_endpoint"] == f"{ISSUER}/oauth2/authorize"
    assert documents[0]["token_endpoint"] == f"{ISSUER}/oauth2/token"
    assert documents[0]["code_challenge_methods_supported"] == ["S256"]
    # Switches of the dashboard: nobody has seen here whether they are on.
    assert not {"client_id_metadata_document_supported", "registration_endpoint"} & documents[0].keys()
    assert rig.issuer.fetched == [UPSTREAM]

    rig.issuer.down = False
    rig.issuer.documents[UPSTREAM] = AUTHKITS_OWN
    rig.issuer.clock.now += 30
    assert rig.request("GET", SERVER_PATHS[0]).text == AUTHKITS_OWN.decode()


def test_the_last_good_document_outlives_an_outage(rig: Rig) -> None:
    rig.issuer.documents[UPSTREAM] = AUTHKITS_OWN
    rig.request("GET", SERVER_PATHS[0])
    rig.issuer.down = True
    rig.issuer.clock.now += 7 * 86400

    assert rig.request("GET", SERVER_PATHS[0]).text == AUTHKITS_OWN.decode()


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"issuer":"https://evil.example"}',
        b'{"issuer":"https://acme.authkit.app/"}',
    ],
)
def test_a_document_of_somebody_else_is_not_passed_on(document: bytes, rig: Rig) -> None:
    rig.issuer.documents[UPSTREAM] = document

    assert rig.request("GET", SERVER_PATHS[0]).json["issuer"] == ISSUER


def test_a_clock_that_was_set_back_does_not_freeze_the_mirror(rig: Rig) -> None:
    rig.issuer.documents[UPSTREAM] = AUTHKITS_OWN
    rig.request("GET", SERVER_PATHS[0])
    rig.issuer.clock.now -= 86400
    rig.request("GET", SERVER_PATHS[0])

    assert rig.issuer.fetched == [UPSTREAM] * 2


def test_a_loopback_issuer_is_named_byte_for_byte() -> None:
    rig = Rig(replace(SETTINGS, issuer="http://127.0.0.1:8001"))

    assert rig.request("GET", RESOURCE_PATHS[0]).json["authorization_servers"] == ["http://127.0.0.1:8001"]
