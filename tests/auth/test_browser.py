"""What a browser page needs, and what a page from elsewhere does not get."""

import pytest

from tests.issuer import ABSENT, NOW
from tests.rig import Answer, Rig, with_settings

PAGE = "https://app.example.com"
ASKING = {
    "origin": PAGE,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,mcp-protocol-version,mcp-method,mcp-name",
}


def allowed(answer: Answer) -> str | None:
    return answer.headers.get("access-control-allow-origin")


@pytest.fixture
def site() -> Rig:
    return with_settings(allowed_origins=frozenset({PAGE, "http://localhost:6274"}))


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_a_preflight_is_answered_before_any_token(path: str, site: Rig) -> None:
    answer = site.request("OPTIONS", path, headers=ASKING)

    assert (answer.status, allowed(answer)) == (204, PAGE)
    assert "POST" in answer.headers["access-control-allow-methods"]
    granted = answer.headers["access-control-allow-headers"].split(", ")
    assert set(ASKING["access-control-request-headers"].split(",")) <= set(granted)
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("headers", [{}, {**ASKING, "origin": "https://evil.example"}])
def test_a_preflight_from_elsewhere_is_answered_without_leave(headers: dict[str, str], site: Rig) -> None:
    answer = site.request("OPTIONS", headers=headers)

    assert (answer.status, allowed(answer)) == (204, None)


def test_every_answer_to_an_allowed_page_can_be_read_by_it(site: Rig) -> None:
    origin = {"origin": PAGE}
    answers = [
        site.exchange("tools/list", headers=origin),
        site.request(headers=origin),
        site.request("GET", token=site.issuer.token(), headers=origin),
        site.exchange("tools/list", token=site.issuer.token(exp=NOW - 60), headers=origin),
        site.request(token=site.issuer.token(), headers=origin, body="{"),
    ]

    assert [answer.status for answer in answers] == [200, 401, 405, 401, 400]
    assert {allowed(answer) for answer in answers} == {PAGE}
    assert all("www-authenticate" in answer.headers["access-control-expose-headers"] for answer in answers)


def test_a_client_that_is_no_browser_gets_no_cors_headers(site: Rig) -> None:
    answer = site.exchange("tools/list", token=site.issuer.token(sid=ABSENT))

    assert (answer.status, allowed(answer), answer.headers["vary"]) == (200, None, "Origin")
