"""The statuses table: what each kind of request is answered, and which rule wins when several apply."""

import json
from typing import Any

import pytest

from tests.events import http_api, load_balancer, rest_api
from tests.issuer import ABSENT, BASE_URL, NOW
from tests.rig import ERAS, MODERN, Rig, message, with_settings

METADATA_URL = f"{BASE_URL}/.well-known/oauth-protected-resource/mcp"
PAGE = "https://app.example.com"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token abc", "bearer", "Bearerabc"]
)
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE", "HEAD", "PUT"])
def test_no_bearer_token_is_a_401_that_starts_a_login(authorization: str | None, method: str, rig: Rig) -> None:
    headers = {} if authorization is None else {"authorization": authorization}

    answer = rig.request(method, headers=headers)

    assert answer.status == 401
    assert answer.challenge == f'Bearer resource_metadata="{METADATA_URL}", scope="openid profile email"'
    assert json.loads(answer.text) == {
        "error": "missing_token",
        "error_description": "This server needs an access token. Log in to get one.",
        "resource_metadata": METADATA_URL,
        "scope": "openid profile email",
    }
    assert answer.headers["cache-control"] == "no-store"


def test_a_bad_token_is_a_401_that_says_invalid_token(rig: Rig) -> None:
    answer = rig.exchange("tools/list", token="abc")
    description = "The access token is expired or not valid for this server. Get a new one."

    assert answer.status == 401
    assert answer.challenge == (
        f'Bearer error="invalid_token", error_description="{description}", '
        f'resource_metadata="{METADATA_URL}", scope="openid profile email"'
    )
    assert answer.json == {
        "error": "invalid_token",
        "error_description": description,
        "resource_metadata": METADATA_URL,
        "scope": "openid profile email",
    }


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_letter_case(scheme: str, rig: Rig) -> None:
    headers, body = message("tools/list")

    answer = rig.request(headers={**headers, "authorization": f"{scheme}  {rig.issuer.token()} "}, body=body)

    assert answer.status == 200


def test_two_authorization_lines_are_refused_even_if_both_are_good(rig: Rig) -> None:
    token = f"Bearer {rig.issuer.token()}"

    answer = rig.send(rest_api(several={"authorization": [token, token]}, body=message("tools/list")[1]))

    assert answer.status in {400, 401}


def test_two_authorization_values_that_a_gateway_joined_are_refused(rig: Rig) -> None:
    token = f"Bearer {rig.issuer.token()}"

    answer = rig.request(headers={"authorization": f"{token},{token}"})

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert answer.challenge.startswith('Bearer error="invalid_request"')


def test_a_token_in_the_query_or_the_body_is_no_token(rig: Rig) -> None:
    event = http_api(body=f"access_token={rig.issuer.token()}")
    event["rawQueryString"] = f"access_token={rig.issuer.token()}"

    assert rig.send(event).status == 401


def test_a_missing_scope_is_a_403_that_names_all_that_is_needed() -> None:
    rig = with_settings(required_scopes=("files:read", "files:write"))

    answer = rig.exchange("tools/list", token=rig.issuer.token(scope="openid files:read"))

    assert (answer.status, answer.json["error"]) == (403, "insufficient_scope")
    assert answer.json["scope"] == "files:read files:write"
    assert answer.challenge == (
        'Bearer error="insufficient_scope", '
        'error_description="The access token lacks a scope that this operation needs.", '
        f'resource_metadata="{METADATA_URL}", scope="files:read files:write"'
    )


@pytest.mark.parametrize("scope", ["files:read files:write openid", ["files:read", "files:write"]])
def test_the_required_scopes_open_the_door(scope: Any) -> None:
    rig = with_settings(required_scopes=("files:read", "files:write"))

    assert rig.exchange("tools/list", token=rig.issuer.token(scope=scope)).status == 200


def test_the_login_challenge_asks_for_the_required_scopes() -> None:
    rig = with_settings(required_scopes=("files:read", "files:write"))

    assert rig.request().challenge.endswith('scope="files:read files:write"')


def test_expired_wins_over_unscoped() -> None:
    rig = with_settings(required_scopes=("files:read",))

    answer = rig.exchange("tools/list", token=rig.issuer.token(scope="openid", exp=NOW - 60))

    assert (answer.status, answer.json["error"]) == (401, "invalid_token")


def test_a_missing_organisation_is_a_403_without_an_error_in_the_challenge() -> None:
    rig = with_settings(require_organization=True)

    answer = rig.exchange("tools/list", token=rig.issuer.token(org_id=ABSENT))

    assert (answer.status, answer.json["error"]) == (403, "organization_required")
    assert answer.challenge == f'Bearer resource_metadata="{METADATA_URL}", scope="openid profile email"'
    assert rig.exchange("tools/list").status == 200


def test_a_missing_scope_is_told_before_a_missing_organisation() -> None:
    rig = with_settings(require_organization=True, required_scopes=("files:read",))

    answer = rig.exchange("tools/list", token=rig.issuer.token(org_id=ABSENT))

    assert answer.json["error"] == "insufficient_scope"


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT", "PATCH"])
def test_another_method_with_a_good_token_is_a_405_at_once(method: str, path: str, rig: Rig) -> None:
    answer = rig.request(method, path, token=rig.issuer.token(), headers={"accept": "text/event-stream"})

    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD"])
def test_another_method_with_a_bad_token_is_a_401(method: str, rig: Rig) -> None:
    assert rig.request(method, token="abc").status == 401


@pytest.mark.parametrize("version", ERAS)
def test_the_path_with_a_slash_is_the_same_endpoint_without_a_redirect(version: str, rig: Rig) -> None:
    headers, body = message("tools/list", version=version)

    assert rig.request(path="/mcp/", token=rig.issuer.token(), headers=headers, body=body).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", PAGE + "/", PAGE.upper(), f"{PAGE}:443", ""])
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_an_origin_that_is_not_allowed_is_a_403_before_the_token_is_read(origin: str, method: str) -> None:
    rig = with_settings(allowed_origins=frozenset({PAGE}))

    for token in (None, "abc", rig.issuer.token()):
        answer = rig.request(method, token=token, headers={"origin": origin})
        assert (answer.status, answer.json["error"]) == (403, "origin_not_allowed")
        assert "www-authenticate" not in answer.headers
        assert "evil" not in answer.text
    assert rig.issuer.fetched == []


def test_without_allowed_origins_no_browser_page_gets_in(rig: Rig) -> None:
    assert rig.exchange("tools/list", headers={"origin": BASE_URL}).status == 403


def test_a_body_over_4_mib_is_a_413(rig: Rig) -> None:
    large = b'{"a":"' + b"x" * (4 * 1024 * 1024) + b'"}'

    answer = rig.request(token=rig.issuer.token(), body=large)

    assert (answer.status, answer.json["error"]["code"]) == (413, -32600)


def test_a_body_that_announces_more_than_4_mib_is_a_413_unread(rig: Rig) -> None:
    headers, body = message("tools/list")

    answer = rig.request(token=rig.issuer.token(), headers={**headers, "content-length": "4194305"}, body=body)

    assert answer.status == 413


def test_a_body_of_4_mib_is_read(rig: Rig) -> None:
    headers, body = message("tools/call", {"name": "whoami", "arguments": {"pad": ""}})
    body["params"]["arguments"]["pad"] = "x" * (4 * 1024 * 1024 - len(json.dumps(body)))

    answer = rig.request(token=rig.issuer.token(), headers=headers, body=json.dumps(body).encode())

    assert answer.status == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "hello",
        b"\xff\xfe{}",
        b"\x00",
        '{"a":NaN}',
        "[" * 100_000,
        "1" * 10_000,
        "\ufeff{}",
    ],
    ids=repr,
)
def test_a_body_that_is_no_json_is_a_400_with_a_parse_error(body: Any, rig: Rig) -> None:
    answer = rig.request(token=rig.issuer.token(), body=body)

    assert answer.status == 400
    assert answer.json["error"]["code"] == -32700
    assert answer.json["id"] is None


@pytest.mark.matrix
@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "body",
    [
        [],
        [message("tools/list")[1]],
        "1",
        "null",
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": None, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": True, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": 1.5, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "method": 5},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": []},
    ],
    ids=str,
)
def test_json_that_is_no_request_is_a_400(body: Any, version: str, rig: Rig) -> None:
    answer = rig.request(token=rig.issuer.token(), headers={"mcp-protocol-version": version}, body=body)

    assert (answer.status, answer.json["error"]["code"]) == (400, -32600)


@pytest.mark.parametrize(("version", "status"), [("2025-11-25", 200), (MODERN, 404)])
def test_an_unknown_method_has_the_status_of_its_era(version: str, status: int, rig: Rig) -> None:
    answer = rig.exchange("tools/fly", version=version)

    assert (answer.status, answer.json["error"]["code"]) == (status, -32601)


@pytest.mark.parametrize("version", ERAS)
def test_an_unknown_tool_is_a_json_rpc_error_that_does_not_repeat_its_name(version: str, rig: Rig) -> None:
    assert rig.refusal("<script>", version=version) == "There is no such tool. tools/list names those that exist."


def test_the_health_route_touches_nothing(rig: Rig) -> None:
    rig.issuer.down = True

    answer = rig.request("GET", "/healthz")

    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert rig.issuer.fetched == []
    assert rig.request("HEAD", "/healthz").status == 200


@pytest.mark.parametrize("path", ["/", "/mcp/x", "/mcpx", "/docs", "/openapi.json", "/.well-known/x"])
def test_an_unknown_path_is_a_404_that_does_not_repeat_it(path: str, rig: Rig) -> None:
    answer = rig.request("GET", path)

    assert (answer.status, answer.json) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("front_door", [http_api, rest_api, load_balancer])
def test_every_front_door_of_lambda_leads_to_the_same_answers(front_door: Any, rig: Rig) -> None:
    headers, body = message("tools/call", {"name": "whoami", "arguments": {}})
    bearer = {**headers, "authorization": f"Bearer {rig.issuer.token()}"}

    answer = rig.send(front_door(headers=bearer, body=body))

    assert answer.json["result"]["structuredContent"]["user_id"] == "user_01ALICE"
    assert rig.send(front_door(body=body)).status == 401
    assert rig.send(front_door("GET", headers=bearer)).status == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer ALICE", "authorization": "Bearer BOB"},
        {"Origin": "https://evil.example", "origin": PAGE},
    ],
)
def test_a_header_twice_in_different_letter_case_is_refused(headers: dict[str, str]) -> None:
    rig = with_settings(allowed_origins=frozenset({PAGE}))
    tokens = {"ALICE": rig.issuer.token(), "BOB": rig.issuer.token(sub="user_01BOB")}
    sent = {"authorization": f"Bearer {tokens['ALICE']}"} if "Origin" in headers else {}
    for name, value in headers.items():
        sent[name] = value.replace("ALICE", tokens["ALICE"]).replace("BOB", tokens["BOB"])

    for front_door in (http_api, rest_api, load_balancer):
        assert rig.send(front_door(headers=sent, body=message("tools/list")[1])).status == 400


def test_front_door_headers_that_disagree_about_the_caller_are_refused(rig: Rig) -> None:
    one, other = (f"Bearer {rig.issuer.token(sub=sub)}" for sub in ("user_1", "user_2"))

    event = rest_api(headers={"authorization": one}, several={"Authorization": [other]})

    assert rig.send(event).status == 400


@pytest.mark.parametrize("version", ERAS)
def test_an_unknown_method_is_not_repeated(version: str, rig: Rig) -> None:
    assert "script" not in rig.exchange("<script>", version=version).text


def test_a_version_that_is_none_is_not_repeated(rig: Rig) -> None:
    headers, body = message("tools/list")
    body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "<script>"

    answer = rig.request(
        token=rig.issuer.token(), headers={**headers, "mcp-protocol-version": "<script>"}, body=body
    )

    assert (answer.status, "script" in answer.text) == (400, False)


def test_an_id_of_megabytes_is_not_sent_back(rig: Rig) -> None:
    headers, body = message("nope")

    answer = rig.request(token=rig.issuer.token(), headers=headers, body={**body, "id": "€" * 600_000})

    assert (answer.status, answer.json["id"]) == (404, None)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "post"])
def test_a_method_that_no_route_has_is_a_405(method: str, rig: Rig) -> None:
    assert rig.request(method).headers["allow"] == "POST"
    assert rig.request(method, "/mcp/").headers["allow"] == "POST"
    assert rig.request(method, "/healthz").headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/healthz/", "/.well-known/oauth-protected-resource/"])
def test_no_path_is_redirected(path: str, rig: Rig) -> None:
    answer = rig.request("GET", path, headers={"host": "evil.example"})

    assert (answer.status, "location" in answer.headers) == (404, False)


def test_answers_of_the_endpoint_are_not_cached(rig: Rig) -> None:
    answers = [rig.exchange("tools/list"), rig.request(), rig.request("GET", token=rig.issuer.token())]

    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize("value", ["\x1cBearer TOKEN", "Bearer TOKEN\n", "Bearer\u00a0TOKEN", "Bearer TOKEN\x00"])
def test_only_spaces_and_tabs_may_stand_around_a_token(value: str, rig: Rig) -> None:
    headers, body = message("tools/list")

    answer = rig.request(
        headers={**headers, "authorization": value.replace("TOKEN", rig.issuer.token())}, body=body
    )

    assert answer.status in {400, 401}
