"""The pages on which an account is connected: WorkOS' confirmation screen, then the provider's own."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from infra.local.authkit.hooks import HEADER
from infra.local.pipes.application import GITHUB_API_PATH, REVOCATION_HOOK, create_pipes_pages
from infra.local.pipes.connected_accounts import Owner
from infra.local.pipes.pipes import CONNECTING_SECONDS, Connecting, Pipes, find_owner
from infra.local.seed.load import load_seed
from tests.accounts.browser import Browser
from tests.infra.workos_api.rig import ADA, ENGINES
from tests.issuer import Clock

ORIGIN = "http://127.0.0.1"
RETURN_TO = "https://mcp.example.com/connected"


class Stand:
    """The pages in this process, with a browser."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.pipes = Pipes.read(load_seed(), None, self.clock)
        self.transport = httpx2.ASGITransport(create_pipes_pages(self.pipes))

    def begin(
        self, slug: str = "github", organization: str | None = ENGINES, return_to: str | None = RETURN_TO
    ) -> str:
        provider = self.pipes.find_provider(slug)
        assert provider is not None
        owner = find_owner(provider, ADA, organization)
        return f"{ORIGIN}/pipes/confirm?state={self.pipes.begin(Connecting(provider, ADA, owner, return_to))}"

    def request(self, method: str, path: str, **options: object) -> httpx2.Response:
        async def scenario() -> httpx2.Response:
            async with httpx2.AsyncClient(transport=self.transport, base_url=ORIGIN) as http:
                return await http.request(method, path, **options)  # type: ignore[arg-type]

        return asyncio.run(scenario())

    def connect(self, address: str, **fields: str | None) -> tuple[str, list[str]]:
        browser = Browser(self.transport)
        return asyncio.run(browser.connect(address, until="https://", **fields)), browser.pages


@pytest.fixture
def stand() -> Stand:
    return Stand()


def test_the_first_screen_says_whose_account_it_will_be(stand: Stand) -> None:
    end, (confirmation, consent) = stand.connect(stand.begin())

    assert end == RETURN_TO
    for text in ("Ada Lovelace", "ada@example.com", "Analytical Engines", "If this is not you", "WorkOS Pipes"):
        assert text in confirmation
    assert "All members" not in confirmation
    for text in ("Who signs in at GitHub?", "ada-l", "ghopper", "read:user", "repo"):
        assert text in consent
    account = stand.pipes.accounts.find("github", Owner(ADA, ENGINES))
    assert account is not None
    assert (account.login, account.scopes, account.established_by) == ("ada-l", ("read:user", "repo"), ADA)


def test_an_account_that_will_be_shared_is_announced_as_such(stand: Stand) -> None:
    _, (confirmation, _) = stand.connect(stand.begin("slack"))

    assert "All members of the organization will use it." in confirmation
    assert stand.pipes.accounts.find("slack", Owner(None, ENGINES)) is not None


def test_an_address_connects_one_account(stand: Stand) -> None:
    address = stand.begin()
    stand.connect(address)

    assert asyncio.run(Browser(stand.transport).read(address)).status_code == 400
    assert stand.request("POST", "/pipes/confirm", data={"state": address.rpartition("=")[2]}).status_code == 400


def test_an_address_ends_after_ten_minutes(stand: Stand) -> None:
    address = stand.begin()
    stand.clock.now += CONNECTING_SECONDS

    response = asyncio.run(Browser(stand.transport).read(address))
    assert (response.status_code, "This link is over" in response.text) == (400, True)


def test_cancelling_on_either_page_connects_nothing(stand: Stand) -> None:
    first = stand.request("POST", "/pipes/cancel", data={"state": stand.begin().rpartition("=")[2]})
    assert first.headers["location"] == f"{RETURN_TO}?error=access_denied"
    assert stand.request("POST", "/pipes/cancel", data={"state": "x"}).status_code == 400

    state = stand.begin().rpartition("=")[2]
    consent = stand.request("POST", "/pipes/confirm", data={"state": state}).headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(consent).query).items()}
    denied = stand.request("POST", "/providers/github/deny", data=query).headers["location"]
    back = stand.request("GET", denied)
    assert back.headers["location"] == f"{RETURN_TO}?error=access_denied"
    assert stand.pipes.accounts.find("github", Owner(ADA, ENGINES)) is None
    assert stand.request("GET", denied).status_code == 400


def test_the_state_of_the_provider_is_another_one(stand: Stand) -> None:
    state = stand.begin().rpartition("=")[2]
    consent = stand.request("POST", "/pipes/confirm", data={"state": state}).headers["location"]

    assert state not in consent
    assert stand.request("GET", f"/pipes/callback?state={state}&code=x").status_code == 400


def test_the_code_of_another_provider_connects_nothing(stand: Stand) -> None:
    stand.pipes.codes.put("code", ("notion", "ada-notebook", ()))
    state = stand.begin().rpartition("=")[2]
    consent = stand.request("POST", "/pipes/confirm", data={"state": state}).headers["location"]
    (provider_state,) = parse_qs(urlsplit(consent).query)["state"]

    back = stand.request("GET", f"/pipes/callback?state={provider_state}&code=code")
    assert back.headers["location"].endswith("?error=access_denied")


def test_without_a_place_to_return_to_workos_says_how_it_ended(stand: Stand) -> None:
    state = stand.begin(return_to=None).rpartition("=")[2]

    assert "GitHub is not connected" in stand.request("POST", "/pipes/cancel", data={"state": state}).text


@pytest.mark.matrix
@pytest.mark.parametrize(
    "changed",
    [{"redirect_uri": "https://evil.example/callback"}, {"client_id": "other"}, {"redirect_uri": ""}],
    ids=["another address", "another client", "no address"],
)
def test_a_provider_sends_nobody_to_an_address_that_is_not_registered(
    changed: dict[str, str], stand: Stand
) -> None:
    query = {
        "client_id": "workos-local",
        "redirect_uri": f"{ORIGIN}/pipes/callback",
        "scope": "repo",
        "state": "x",
    }

    assert stand.request("GET", "/providers/github/authorize", params=query).status_code == 200
    assert stand.request("GET", "/providers/github/authorize", params=query | changed).status_code == 400
    if "redirect_uri" in changed:
        given = query | changed | {"login": "ada-l"}
        assert stand.request("POST", "/providers/github/allow", data=given).status_code == 400
        assert stand.request("POST", "/providers/github/deny", data=given).status_code == 400


def test_only_an_account_of_the_provider_can_sign_in(stand: Stand) -> None:
    given = {"redirect_uri": f"{ORIGIN}/pipes/callback", "state": "x", "login": "engines-bot"}

    assert stand.request("POST", "/providers/github/allow", data=given).status_code == 400
    assert stand.request("GET", "/providers/carrier-pigeon/authorize").status_code == 400


def test_the_pages_show_text_as_text_and_run_nothing(stand: Stand) -> None:
    query = {
        "client_id": "workos-local",
        "redirect_uri": f"{ORIGIN}/pipes/callback",
        "scope": "<b>x</b>",
        "state": '">',
    }
    response = stand.request("GET", "/providers/github/authorize", params=query)

    assert "<b>x</b>" not in response.text
    assert 'value="">"' not in response.text
    assert response.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_other_names_of_this_machine_are_refused(stand: Stand) -> None:
    assert stand.request("GET", "/pipes/confirm", headers={"host": "evil.example"}).status_code == 403


def test_github_checks_its_tokens_and_their_scopes(stand: Stand) -> None:
    def names(token: str) -> list[str]:
        return [
            row["full_name"]
            for row in stand.request("GET", f"{GITHUB_API_PATH}/user/repos", headers=bearer(token)).json()
        ]

    def bearer(token: str) -> dict[str, str]:
        return {"authorization": f"Bearer {token}"}

    everything = stand.pipes.tokens.issue("github", "ghopper", ("read:user", "repo"))
    little = stand.pipes.tokens.issue("github", "ghopper", ("read:user",))
    other = stand.pipes.tokens.issue("slack", "engines-bot", ("channels:read",))

    assert names(everything.access_token) == [
        "ghopper/flow-matic",
        "ghopper/harvard-mark-i",
        "ghopper/nanoseconds",
    ]
    assert names(little.access_token) == ["ghopper/flow-matic", "ghopper/nanoseconds"]
    for path in ("/user", "/user/repos"):
        for headers in (
            bearer(other.access_token),
            bearer("gho_1"),
            {},
            {"authorization": f"Basic {little.access_token}"},
        ):
            assert stand.request("GET", GITHUB_API_PATH + path, headers=headers).status_code == 401
    shown = stand.request("GET", f"{GITHUB_API_PATH}/user", headers=bearer(little.access_token))
    assert (shown.json()["login"], shown.headers["x-oauth-scopes"]) == ("ghopper", "read:user")


def test_the_owner_of_an_account_can_take_the_access_back(stand: Stand) -> None:
    token = stand.pipes.tokens.issue("github", "ada-l", ("repo",))
    body = {"provider": "github", "login": "ada-l"}

    assert stand.request("POST", REVOCATION_HOOK, json=body).status_code == 403
    answer = stand.request("POST", REVOCATION_HOOK, json=body, headers={HEADER: "1"})
    assert answer.json() == {"ended": 1}
    assert stand.pipes.tokens.find("github", token.access_token) is None
