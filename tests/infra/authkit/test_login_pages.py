"""The pages a person sees and a script goes through."""

import base64
import hashlib
import re
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import (
    ADA,
    ALAN,
    GRACE,
    REDIRECT_URI,
    RESOURCE,
    AuthKit,
    claims_of,
    first_form,
    sent_back,
)

HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }}"


def crawl(authkit: AuthKit, **changes: str | None) -> dict[str, str]:
    """Submit every field of the first form of each page until the client is called back."""
    response = authkit.authorize(**changes)
    for _ in range(6):
        while response.is_redirect:
            address = urljoin(str(response.url), response.headers["location"])
            if not address.startswith(authkit.issuer):
                return sent_back(response)
            response = authkit.http.get(address)
        action, fields = first_form(response.text)
        form: dict[str, list[str]] = {}
        for name, value in fields:
            form.setdefault(name, []).append(value)
        response = authkit.http.post(urljoin(str(response.url), action), data=form)
    raise AssertionError("more than six pages")


def test_a_script_that_sends_every_field_of_the_first_form_gets_through(authkit: AuthKit) -> None:
    assert authkit.exchange(crawl(authkit)["code"]).status_code == 200


def test_a_script_that_sends_only_hidden_fields_is_the_first_user(authkit: AuthKit) -> None:
    transaction = authkit.transaction()
    authkit.http.post("/login/user", data={"transaction": transaction})
    code = sent_back(authkit.http.post("/login/allow", data={"transaction": transaction}))["code"]
    assert claims_of(authkit.exchange(code).json()["access_token"])["sub"] == "user_01LOCALADALOVELACE0000000"


def test_the_first_page_offers_every_seeded_user_the_first_one_chosen(authkit: AuthKit) -> None:
    page = authkit.http.get("/login", params={"transaction": authkit.transaction()}).text
    radios = re.findall(r"<input type=\"radio\" name=\"user\" value=\"([^\"]+)\"( checked)?>", page)
    assert len(radios) == 5
    assert radios[0] == ("user_01LOCALADALOVELACE0000000", " checked")
    assert [checked for _, checked in radios[1:]] == [""] * 4
    for text in (
        "Member, Auditor",
        "Grace Hopper",
        "grace@example.com",
        "Compiler Works",
        "Admin",
        "No organization",
        "Test Client",
    ):
        assert text in page
    assert "Local stand-in for WorkOS AuthKit" in page


def test_the_consent_page_says_who_asks_for_what(authkit: AuthKit) -> None:
    page = authkit.consent_page()
    for text in ("Test Client", "127.0.0.1:33418", RESOURCE, "offline_access", "Ada Lovelace", "Allow access"):
        assert text in page


def test_a_member_of_two_organizations_chooses_one(authkit: AuthKit) -> None:
    page = authkit.consent_page(GRACE)
    assert page.count('type="radio"') == 2
    tokens = authkit.tokens(GRACE, "org_01LOCALCOMPILERWORKS000000")
    assert claims_of(tokens["access_token"])["org_id"] == "org_01LOCALCOMPILERWORKS000000"


def test_a_single_organization_is_chosen_already(authkit: AuthKit) -> None:
    page = authkit.consent_page(ADA)
    assert 'type="radio"' not in page
    assert "Analytical Engines" in page
    assert claims_of(authkit.tokens(ADA)["access_token"])["org_id"] == "org_01LOCALANALYTICALENGINES00"


def test_a_user_without_an_organization_is_told_so(authkit: AuthKit) -> None:
    assert "You belong to no organization" in authkit.consent_page(ALAN)
    assert "org_id" not in claims_of(authkit.tokens(ALAN)["access_token"])


def test_nobody_chooses_an_organization_of_others(authkit: AuthKit) -> None:
    transaction = authkit.transaction()
    authkit.choose_user(transaction, ADA)
    response = authkit.http.post(
        "/login/allow", data={"transaction": transaction, "organization": "org_01LOCALCOMPILERWORKS000000"}
    )
    assert response.status_code == 400
    assert "This choice is not possible" in response.text


def test_an_unknown_user_cannot_be_chosen(authkit: AuthKit) -> None:
    assert authkit.choose_user(authkit.transaction(), "mallory@example.com").status_code == 400


def test_an_unregistered_resource_is_announced_before_the_client_stumbles(authkit: AuthKit) -> None:
    assert "invalid_target" in authkit.consent_page(resource=RESOURCE + "/")
    assert "invalid_target" not in authkit.consent_page()


def test_without_indicators_access_is_to_the_environment(start: StartAuthKit) -> None:
    page = start(resources=[]).consent_page()
    assert "this environment" in page
    assert RESOURCE not in page


def test_cancel_tells_the_client_and_ends_the_login(authkit: AuthKit) -> None:
    transaction = authkit.transaction()
    authkit.choose_user(transaction)
    answer = sent_back(authkit.http.post("/login/cancel", data={"transaction": transaction}))
    assert (answer["error"], answer["state"]) == ("access_denied", "the state")
    assert authkit.http.post("/login/allow", data={"transaction": transaction}).status_code == 400


def test_a_login_gives_one_code_alone(authkit: AuthKit) -> None:
    transaction = authkit.transaction()
    authkit.choose_user(transaction)
    assert "code" in sent_back(authkit.http.post("/login/allow", data={"transaction": transaction}))
    again = authkit.http.post("/login/allow", data={"transaction": transaction})
    assert (again.status_code, "This login is over" in again.text) == (400, True)


def test_a_login_expires_after_ten_minutes(authkit: AuthKit) -> None:
    transaction = authkit.transaction()
    authkit.clock.pass_by(599)
    authkit.choose_user(transaction)
    authkit.clock.pass_by(2)
    assert authkit.http.post("/login/allow", data={"transaction": transaction}).status_code == 400
    assert authkit.http.get("/login", params={"transaction": transaction}).status_code == 400


def test_consent_cannot_be_given_before_signing_in(authkit: AuthKit) -> None:
    transaction = authkit.transaction()
    assert authkit.http.post("/login/allow", data={"transaction": transaction}).status_code == 400
    assert authkit.http.get("/login/consent", params={"transaction": transaction}).status_code == 400


@pytest.mark.parametrize("path", ["/login/user", "/login/allow", "/login/cancel"])
def test_a_form_without_a_known_transaction_ends_on_a_clear_page(authkit: AuthKit, path: str) -> None:
    response = authkit.http.post(path, data={"transaction": "guessed"})
    assert (response.status_code, "This login is over" in response.text) == (400, True)


def test_a_hostile_client_name_is_only_ever_text(authkit: AuthKit) -> None:
    authkit.new_client(client_name=HOSTILE)
    login = authkit.http.get("/login", params={"transaction": authkit.transaction()}).text
    for page in (login, authkit.consent_page()):
        assert "<script" not in page
        assert "<img" not in page
        assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", page)[0]
        assert unescape(re.findall(r"<bdi>(.*?)</bdi>", page)[0]) == HOSTILE


def test_the_error_page_shows_nothing_of_the_request(authkit: AuthKit) -> None:
    response = authkit.http.get("/oauth2/error", params={"error": HOSTILE, "error_description": HOSTILE})
    assert response.status_code == 400
    assert "alert" not in response.text


def pages_of(authkit: AuthKit) -> list[str]:
    transaction = authkit.transaction()
    authkit.choose_user(transaction)
    return [f"/login?transaction={transaction}", f"/login/consent?transaction={transaction}", "/oauth2/error"]


def test_pages_run_no_script_load_nothing_and_cannot_be_framed(authkit: AuthKit) -> None:
    for path in pages_of(authkit):
        response = authkit.http.get(path)
        style = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = response.headers["content-security-policy"]
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert response.headers["cache-control"] == "no-store"
        assert not re.search(r"<script|<link|<img|<a |javascript:|\son\w+=|style=|src=", response.text)


def test_every_radio_button_has_a_label(authkit: AuthKit) -> None:
    for path in pages_of(authkit)[:2]:
        page = authkit.http.get(path).text
        labels = "".join(re.findall(r"<label.*?</label>", page, re.DOTALL))
        assert labels.count('type="radio"') == page.count('type="radio"')
        assert '<html lang="en">' in page


def test_redirects_to_apps_and_with_queries_arrive_whole(authkit: AuthKit) -> None:
    uri = "cursor://anysphere.cursor-retrieval/oauth/callback"
    authkit.new_client(redirect_uris=[uri, REDIRECT_URI])
    assert "cursor:// (an app on this computer)" in authkit.consent_page(redirect_uri=uri)
    transaction = authkit.transaction(redirect_uri=uri)
    authkit.choose_user(transaction)
    location = authkit.http.post("/login/allow", data={"transaction": transaction}).headers["location"]
    assert location.startswith(uri + "?")
    assert parse_qs(urlsplit(location).query)["state"] == ["the state"]
