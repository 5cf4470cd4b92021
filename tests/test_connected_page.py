"""The page to which WorkOS sends a user at the end: it is static, and nothing of a request is in it."""

import pytest

from app.authoring import Icon, Identity
from tests.events import http_api
from tests.landing_page import DOT, Page
from tests.rig import IDENTITY, Answer, Rig, with_settings

HOSTILE = "state=abc&error=<script>alert(1)</script>&connect_code=secret-code"


def open_page(rig: Rig, query: str, method: str = "GET") -> Answer:
    return rig.send({**http_api(method, "/connected"), "rawQueryString": query})


@pytest.mark.parametrize("query", ["", HOSTILE, "x=1&" * 100])
def test_it_says_that_the_window_can_be_closed(query: str, rig: Rig) -> None:
    answer = open_page(rig, query)

    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = Page(answer.text)
    assert "You can close this window" in page.text
    assert IDENTITY.title in page.text
    assert answer.text == rig.request("GET", "/connected").text
    assert rig.issuer.fetched == []


def test_head_is_answered_too_and_no_other_method(rig: Rig) -> None:
    assert open_page(rig, HOSTILE, "HEAD").status == 200
    assert [rig.request(method, "/connected").status for method in ("POST", "PUT", "DELETE")] == [405] * 3


def test_neither_a_token_nor_an_origin_nor_the_other_page_matters() -> None:
    rig = with_settings(landing_page=False, allowed_origins=frozenset({"https://app.example.com"}))
    headers = {"origin": "null", "authorization": "Bearer x", "accept": "application/json"}

    assert rig.request("GET", "/connected", headers=headers).status == 200


def test_it_loads_and_runs_nothing_and_no_cache_keeps_it(rig: Rig) -> None:
    answer = rig.request("GET", "/connected")
    policy = answer.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert (
        "; script-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" in policy
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    page = Page(answer.text)
    assert page.find("script") == page.find("form") == page.find("a") == []


def test_the_identity_is_shown_escaped() -> None:
    identity = Identity(name="x", version="1", title="<b>Reports & more</b>", icons=[Icon(DOT)])
    page = Page(Rig(identity=identity).request("GET", "/connected").text)

    assert "<b>Reports & more</b>" in page.text
    assert page.find("b") == []
    assert page.find("img")[0]["src"] == DOT
