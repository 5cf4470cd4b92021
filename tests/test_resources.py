"""Resources and templates as their authors write them and as clients read them."""

import base64
import json
from typing import Any

import pytest

from tests.catalogues import resources
from tests.log import Log
from tests.rig import ERAS, MODERN, Answer, Rig

pytestmark = pytest.mark.matrix("version")

UNKNOWN = "There is no such resource. resources/list and resources/templates/list name those that exist."


@pytest.fixture
def many() -> Rig:
    return Rig(resources=resources)


def read(rig: Rig, uri: str, version: str = MODERN) -> Answer:
    return rig.exchange("resources/read", {"uri": uri}, version=version)


def content(rig: Rig, uri: str, version: str = MODERN) -> dict[str, Any]:
    answer = read(rig, uri, version)
    assert "result" in answer.json, answer
    (only,) = answer.json["result"]["contents"]
    assert only["uri"] == uri
    found: dict[str, Any] = only
    return found


@pytest.mark.parametrize("version", ERAS)
def test_resources_and_templates_are_listed_apart_in_order_of_their_names(version: str, many: Rig) -> None:
    fixed = many.exchange("resources/list", version=version).json["result"]["resources"]
    templates = many.exchange("resources/templates/list", version=version).json["result"]["resourceTemplates"]

    assert [each["name"] for each in fixed] == sorted(each["name"] for each in fixed)
    assert [each["name"] for each in templates] == sorted(each["name"] for each in templates)
    assert next(each for each in fixed if each["name"] == "sync") == {
        "uri": "report://sync",
        "name": "sync",
        "title": "In a thread",
        "description": "A plain function.",
        "mimeType": "text/csv",
    }
    assert next(each for each in templates if each["name"] == "item") == {
        "uriTemplate": "item://{number}",
        "name": "item",
        "description": "One item.",
        "mimeType": "text/plain",
    }
    assert "parts" in [each["name"] for each in templates]
    assert "summary" in [each["name"] for each in fixed]


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("uri", "mime_type", "text"),
    [
        ("report://plain", "text/plain", "text"),
        ("report://sync", "text/csv", "a,b"),
        ("report://model", "application/json", '{"name":"n","day":"2026-11-23","share":null}'),
        ("report://dict", "application/json", '{"of":["user_01ALICE"]}'),
    ],
)
def test_text_is_sent_as_it_is_and_anything_else_as_json(
    uri: str, mime_type: str, text: str, version: str, many: Rig
) -> None:
    found = content(many, uri, version)

    assert (found["mimeType"], found["text"]) == (mime_type, text)


@pytest.mark.parametrize(
    ("uri", "mime_type", "data"),
    [("report://bytes", "application/octet-stream", b"\x00\xff"), ("report://image", "image/png", b"png")],
)
def test_bytes_are_sent_as_a_blob(uri: str, mime_type: str, data: bytes, many: Rig) -> None:
    found = content(many, uri)

    assert (found["mimeType"], base64.b64decode(found["blob"])) == (mime_type, data)


@pytest.mark.parametrize(("uri", "ttl"), [("report://sync", 60_000), ("report://plain", 0)])
def test_a_read_says_how_long_it_holds_and_that_it_is_the_callers_alone(uri: str, ttl: int, many: Rig) -> None:
    result = read(many, uri).json["result"]

    assert (result["ttlMs"], result["cacheScope"], result["resultType"]) == (ttl, "private", "complete")


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("item://17", "user_01ALICE 17"),
        ("item://17/parts", "1 None"),
        ("item://17/parts?page=2", "2 None"),
        ("item://17/parts?note=%5B1%5D&page=3&other=x", "3 '[1]'"),
        ("file://reports/summary", "the summary"),
        ("file://reports/q3%20plan", "report q3 plan"),
        ("file://reports/2026/q3", "any reports/2026/q3"),
        ("file://notes", "any notes"),
        ("tags://all/a/b%2Fc", '{"tags":["a","b/c"]}'),
    ],
)
def test_the_variables_of_a_template_are_the_parameters_and_the_closest_match_answers(
    uri: str, text: str, many: Rig
) -> None:
    assert content(many, uri)["text"] == text


@pytest.mark.matrix
@pytest.mark.parametrize(
    "uri",
    [
        "file://../secrets",
        "file://a/../../secrets",
        "file:///etc/passwd",
        "file://%2Fetc%2Fpasswd",
        "file://%2e%2e%2fsecrets",
        "file://reports/..%5C..%5Csecrets",
        "file://a%00b",
        "file://C:%5Csecrets",
    ],
)
def test_a_value_that_would_leave_its_folder_reaches_no_function(uri: str, many: Rig) -> None:
    assert read(many, uri).json["error"]["message"] == UNKNOWN


@pytest.mark.parametrize(("version", "status"), [("2025-11-25", 200), (MODERN, 400)])
@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("item://soon", "number: should be a whole number"),
        ("item://0", "number: should be greater than or equal to 1"),
        ("item://17/parts?page=x", "page: should be a whole number"),
    ],
)
def test_a_variable_that_does_not_fit_is_named_with_what_was_expected(
    uri: str, said: str, version: str, status: int, many: Rig
) -> None:
    answer = read(many, uri, version)

    assert (answer.status, answer.json["error"]["code"]) == (status, -32602)
    assert answer.json["error"]["message"].startswith(f"The URI does not fit the resource's template. {said}")


@pytest.mark.parametrize(("version", "status", "code"), [("2025-11-25", 200, -32002), (MODERN, 400, -32602)])
@pytest.mark.parametrize("uri", ["nothing://here", "item://17/other", "raises://missing"])
def test_what_does_not_exist_has_the_code_of_its_era_and_names_the_uri(
    uri: str, version: str, status: int, code: int, many: Rig
) -> None:
    answer = read(many, uri, version)

    assert answer.status == status
    assert answer.json["error"] == {"code": code, "message": UNKNOWN, "data": {"uri": uri}}


@pytest.mark.parametrize("uri", ["<script>", "x://<script>", "x://a b", "x://" + "a" * 3000, "", "x://\u2028"])
def test_what_is_no_uri_is_not_repeated(uri: str, many: Rig) -> None:
    headers = {"mcp-name": f"=?base64?{base64.b64encode(uri.encode()).decode()}?="}

    answer = many.exchange("resources/read", {"uri": uri}, headers=headers)

    assert answer.json["error"] == {"code": -32602, "message": UNKNOWN}


@pytest.mark.parametrize("version", ERAS)
def test_what_an_author_says_went_wrong_reaches_the_reader(version: str, many: Rig) -> None:
    answer = read(many, "raises://told", version)

    said = "The archive is locked. Try again in a minute."
    assert (answer.status, answer.json["error"]) == (200, {"code": -32603, "message": said})


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("uri", ["raises://untold", "raises://validation", "report://nothing", "report://object"])
def test_what_an_author_did_not_mean_to_say_stays_in_the_log(uri: str, version: str, many: Rig, log: Log) -> None:
    error = read(many, uri, version).json["error"]

    said = "The resource failed unexpectedly. The cause is in the server's log."
    assert error == {"code": -32603, "message": said}
    assert len(log("resource raised")) == 1


def test_a_resource_that_does_not_end_is_ended_before_the_gateway_would() -> None:
    answer = read(Rig(resources=resources, tool_seconds=0.05), "raises://slow")

    assert answer.json["error"]["message"].startswith("The resource was ended after 0.05 seconds.")


def test_a_resource_may_ask_back_over_two_round_trips(many: Rig) -> None:
    state = read(many, "report://asks").json["result"]["requestState"]
    answers = {"sure": {"action": "accept", "content": {"sure": True}}}
    sent = {"uri": "report://asks", "requestState": state, "inputResponses": answers}

    (found,) = many.exchange("resources/read", sent).json["result"]["contents"]
    assert found["text"] == "resumed state of round one"
    assert many.exchange("resources/read", sent, token=many.issuer.token(sub="user_01MALLORY")).status == 400


def test_the_record_names_the_resource_and_shows_the_values_that_its_author_chose(many: Rig, log: Log) -> None:
    read(many, "even://42")
    read(many, "item://17")

    audited, plain = log("exchange")
    assert (audited["method"], audited["resource"], audited["outcome"]) == ("resources/read", "even", "ok")
    assert (audited["arguments"], plain["arguments"]) == ({"number": "42"}, {"number": "[redacted]"})


def test_the_shipped_resource_says_how_to_begin(shipped: Rig) -> None:
    found = content(shipped, "server://about")

    assert found["mimeType"] == "text/markdown"
    assert "`whoami`" in found["text"]


@pytest.mark.parametrize(
    ("year", "months", "total"),
    [
        (2026, [22, 20, 22, 22, 21, 22, 23, 21, 22, 22, 21, 23], 261),
        (2024, [23, 21, 21, 22, 23, 20, 23, 22, 21, 23, 21, 22], 262),
    ],
)
def test_the_shipped_template_counts_the_working_days_of_a_year(
    year: int, months: list[int], total: int, shipped: Rig
) -> None:
    found = content(shipped, f"calendar://{year}/working-days")

    assert json.loads(found["text"]) == {"year": year, "months": months, "total": total}
    assert read(shipped, "calendar://10000/working-days").status == 400
