"""Who gets the page for people, and that it repeats nothing of a request."""

import pytest

from app.http.browser import prefers_html
from tests.events import http_api
from tests.landing_page import CHROMIUM, PATHS, browse
from tests.rig import Rig, with_settings

BROWSERS = [CHROMIUM, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"]
PROGRAMS = ["application/json, text/event-stream", "text/event-stream", "*/*", "application/json", ""]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", BROWSERS)
def test_a_browser_gets_the_page(path: str, accept: str, rig: Rig) -> None:
    answer = rig.request("GET", path, headers={"accept": accept})

    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert rig.request("HEAD", path, headers={"accept": accept}).status == 200
    assert rig.issuer.fetched == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", PROGRAMS)
def test_a_program_gets_what_it_got_before(method: str, accept: str, rig: Rig) -> None:
    answers = [rig.request(method, path, headers={"accept": accept}) for path in PATHS]

    assert [answer.status for answer in answers] == [404, 401, 401]
    assert rig.request(method, headers={"accept": accept}, token=rig.issuer.token()).status == 405


@pytest.mark.parametrize("path", PATHS)
def test_whoever_sends_a_token_is_a_client_even_if_it_wants_html(path: str, rig: Rig) -> None:
    answers = [browse(rig, path, authorization=each) for each in ("Bearer x", "Basic x", "")]

    assert [answer.status for answer in answers] == [404 if path == "/" else 401] * 3
    assert rig.request("GET", path, token=rig.issuer.token(), headers={"accept": CHROMIUM}).status in (404, 405)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_no_other_method_gets_it(method: str, rig: Rig) -> None:
    statuses = [rig.request(method, path, headers={"accept": CHROMIUM}).status for path in PATHS]

    assert statuses == [404, 401, 401]


@pytest.mark.parametrize("path", PATHS)
def test_it_can_be_switched_off(path: str) -> None:
    rig = with_settings(landing_page=False)

    assert browse(rig, path).status == (404 if path == "/" else 401)


@pytest.mark.parametrize("path", PATHS)
def test_the_origin_is_checked_first_as_for_all_but_public_documents(path: str) -> None:
    rig = with_settings(allowed_origins=frozenset({"https://app.example.com"}))

    assert browse(rig, path, origin="https://evil.example").json["error"] == "origin_not_allowed"
    assert browse(rig, path, origin="https://app.example.com").status == 200


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/html", True),
        ("TEXT/HTML", True),
        ("text/html, application/json;q=0.9", True),
        ("text/html;q=0.5, */*;q=0.4", True),
        ("text/html ; q = 0.5 , */*;q=0.4", True),
        ("text/html;charset=utf-8", True),
        ("text/html,,application/xml", True),
        ("text/html, text/event-stream;q=0", True),
        ("text/html;q=0.9, text/*;q=0.1, application/json;q=0.2", True),
        ("text/html, */*", False),
        ("text/html, text/*", False),
        ("text/html, application/json", False),
        ("text/html, application/*", False),
        ("text/html;q=0.5, application/json;q=0.6", False),
        ("application/json, text/event-stream, text/html;q=0.1", False),
        ("text/html;q=0", False),
        ("text/*", False),
        ("application/xhtml+xml", False),
        ("text/html;q=1.5", False),
        ("text/html;q=-1", False),
        ("text/html;q=nan", False),
        ("text/html;q=1e0", False),
        ("text/html;q=0.5555", False),
        ("text/html;q", False),
        ("text/html;q=1;q=0.1", False),
        ("text/html, application/json;q=x", False),
        ('application/json;x=",text/html"', False),
        ("text/htmlx", False),
        (f"text/html,{'a/b,' * 400}", False),
        ("text/html\u00a0;q=\u0661", False),
    ],
)
def test_what_a_sender_prefers_is_read_from_all_weights(accept: str, wanted: bool) -> None:
    assert prefers_html(accept) is wanted


@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_the_request_changes_or_is_repeated_in_the_page(path: str, rig: Rig) -> None:
    plain = browse(rig, path)
    headers = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "evil",
        "x-forwarded-prefix": "/evil",
        "forwarded": "host=evil.example",
        "referer": "https://evil.example",
        "user-agent": "evil",
        "accept-language": "evil",
        "cookie": "evil=1",
    }
    event = http_api("GET", path, {"accept": f"{CHROMIUM},evil/evil", **headers})

    answer = rig.send({**event, "rawQueryString": "evil=%3Cscript%3E&url=evil"})

    assert (answer.status, answer.text, answer.headers) == (200, plain.text, plain.headers)
    assert "evil" not in answer.text


def test_only_a_browser_of_one_person_keeps_what_is_at_the_clients_address(rig: Rig) -> None:
    root, endpoint = browse(rig).headers, browse(rig, "/mcp").headers

    assert (root["cache-control"], endpoint["cache-control"]) == ("public, max-age=300", "private, max-age=300")
    assert root["vary"] == endpoint["vary"] == "Accept, Authorization"
