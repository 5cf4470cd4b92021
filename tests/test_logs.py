"""The log: one JSON line per exchange and per refusal, with ids and reasons, never with a token."""

import json
import logging

import pytest

from tests.catalogues import many
from tests.issuer import ABSENT, NOW
from tests.log import Log
from tests.rig import Rig, with_settings


def test_an_exchange_is_one_line_that_says_who_called_what_and_how_it_ended(rig: Rig, log: Log) -> None:
    rig.call("whoami")

    (line,) = log("exchange")
    expected = {
        "level": "INFO",
        "service": "workos-mcp-lambda",
        "gateway_request_id": "gateway-request",
        "method": "tools/call",
        "tool": "whoami",
        "outcome": "ok",
        "status": 200,
        "user_id": "user_01ALICE",
        "organization_id": "org_01ACME",
        "client_id": "client_01CURSOR",
        "session_id": "app_consent_01ALICE",
        "token_id": "01TOKEN",
        "is_machine": False,
    }
    assert {name: line[name] for name in expected} == expected
    assert 0 < line["ms"] < 10_000


def test_the_outcome_tells_kinds_of_failure_apart(log: Log) -> None:
    rig = Rig(tools=many)
    rig.call("raises", {"kind": "told"})
    rig.exchange("nope")
    rig.request(token=rig.issuer.token(), body="{")
    rig.request(token=rig.issuer.token(), body={"jsonrpc": "2.0", "method": "notifications/initialized"})

    lines = log("exchange")
    assert [line["outcome"] for line in lines] == ["tool_error", "error", "rejected", "accepted"]
    assert [line.get("code") for line in lines] == [None, -32601, -32700, None]


def test_names_that_the_server_does_not_know_are_not_repeated(rig: Rig, log: Log) -> None:
    rig.exchange("evil-method")
    rig.exchange("tools/call", {"name": "evil-tool", "arguments": {}})

    method, tool = log("exchange")
    assert method["method"] == "unknown"
    assert "tool" not in tool
    assert "evil" not in json.dumps(log())


def test_a_refusal_is_one_line_with_its_private_reason(rig: Rig, log: Log) -> None:
    rig.request()
    rig.exchange("tools/list", token=rig.issuer.token(exp=NOW - 60))
    rig.exchange("tools/list", token=rig.issuer.token(jti=ABSENT))

    lines = log("refused")
    assert [(line["reason"], line["detail"], line["status"]) for line in lines] == [
        ("no_token", "", 401),
        ("expired", "", 401),
        ("missing_claim", "jti", 401),
    ]
    assert [line["level"] for line in lines] == ["INFO", "WARNING", "WARNING"]


def test_a_refusal_of_a_known_caller_names_the_caller(log: Log) -> None:
    rig = with_settings(required_scopes=("files:read",))
    rig.exchange("tools/list")

    (line,) = log("refused")
    assert (line["reason"], line["detail"], line["user_id"]) == ("missing_scope", "files:read", "user_01ALICE")


def test_no_part_of_a_token_is_ever_written(log: Log) -> None:
    rig = Rig(tools=many)
    tokens = [
        rig.issuer.token(),
        rig.issuer.token(exp=NOW - 60),
        rig.issuer.token({"alg": "none"}),
        "secret.token.x",
    ]
    for token in tokens:
        rig.exchange("tools/call", {"name": "raises", "arguments": {"kind": "untold"}}, token=token)
        rig.request("GET", token=token)

    written = json.dumps(log())
    assert log("exchange")
    assert not any(part in written for token in tokens for part in token.split(".") if len(part) > 5)


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ('{"order":1}', {"order": 1}),
        ("[1,2]", [1, 2]),
        ("{order}", "{order}"),
        ("42", "42"),
        ("null", "null"),
        ("exchange", "exchange"),
    ],
)
def test_a_message_that_is_a_json_object_or_array_is_written_as_one(
    log: Log, message: str, written: object
) -> None:
    logging.getLogger("app.tools").warning(message)

    assert log()[-1]["message"] == written
