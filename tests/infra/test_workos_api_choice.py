"""Which WorkOS API the local function asks, and which key goes there."""

import pytest

from infra.local.function_settings import function_settings
from infra.local.seed.rows import Environment
from infra.local.workos_api_choice import InvalidWorkOSApi, WorkOSApi, choose_workos_api, half_a_choice

STAND_IN = WorkOSApi("http://127.0.0.1:8001", "sk_test_local", is_stand_in=True)
KEY = "sk_live_of_mine"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://api.workos.com", "https://api.workos.com"),
        ("https://api.workos.com/", "https://api.workos.com"),
        ("https://api.example.com:8443", "https://api.example.com:8443"),
        ("http://127.0.0.1:4100", "http://127.0.0.1:4100"),
        ("http://localhost:4100", "http://localhost:4100"),
        ("http://[::1]:4100", "http://[::1]:4100"),
    ],
)
def test_an_address_and_its_key_choose_another_api(given: str, url: str) -> None:
    chosen = choose_workos_api({"WORKOS_BASE_URL": given, "WORKOS_API_KEY": KEY}, STAND_IN)

    assert (chosen.url, chosen.key, chosen.is_stand_in) == (url, KEY, False)
    assert KEY not in repr(chosen)


@pytest.mark.parametrize(
    "shell",
    [
        {},
        {"WORKOS_API_KEY": KEY},
        {"WORKOS_BASE_URL": "https://api.workos.com"},
        {"WORKOS_BASE_URL": "https://api.workos.com", "WORKOS_API_KEY": ""},
        {"WORKOS_BASE_URL": "", "WORKOS_API_KEY": KEY},
    ],
)
def test_one_of_the_two_alone_leaves_the_stand_in_and_its_key(shell: dict[str, str]) -> None:
    assert choose_workos_api(shell, STAND_IN) == STAND_IN


@pytest.mark.parametrize(
    "url",
    [
        "http://api.workos.com",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1:4100",
        "ftp://api.workos.com",
        "api.workos.com",
        "https://",
        "https:///x",
        "https://api.workos.com/v1",
        "https://api.workos.com?x=1",
        "https://api.workos.com#x",
        "https://user:hunter2@api.workos.com",
        "https://api.workos.com\\evil",
        "https://api .workos.com",
        "https://api.workos.com\n",
        "https://api.workos.com:port",
        "https://[x",
    ],
)
def test_an_address_that_would_give_the_key_away_is_refused_in_a_line(url: str) -> None:
    with pytest.raises(InvalidWorkOSApi, match="WORKOS_BASE_URL must be an https origin") as refused:
        choose_workos_api({"WORKOS_BASE_URL": url, "WORKOS_API_KEY": KEY}, STAND_IN)
    assert KEY not in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("key", ["sk live", "sk_live\n", "sk_\u00e9", "\x00"])
def test_a_key_that_is_none_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(InvalidWorkOSApi, match="WORKOS_API_KEY must not have") as refused:
        choose_workos_api({"WORKOS_BASE_URL": "https://api.workos.com", "WORKOS_API_KEY": key}, STAND_IN)
    assert key not in str(refused.value)


def test_an_address_without_its_key_is_not_ignored_in_silence() -> None:
    assert half_a_choice({"WORKOS_BASE_URL": "https://api.workos.com"}) is not None
    assert half_a_choice({"WORKOS_BASE_URL": "https://api.workos.com", "WORKOS_API_KEY": KEY}) is None
    assert half_a_choice({"WORKOS_API_KEY": KEY}) is None


def test_the_function_asks_the_chosen_api_and_trusts_the_local_authkit_all_the_same() -> None:
    seed = Environment(client_id="client_1", api_key="sk_1", extra_scopes=())
    api = WorkOSApi("https://api.workos.com", KEY)

    settings = function_settings("http://127.0.0.1:8000", "http://127.0.0.1:8001", seed, "key", {}, api=api)

    assert (settings["WORKOS_BASE_URL"], settings["WORKOS_API_KEY"]) == ("https://api.workos.com", KEY)
    assert settings["WORKOS_AUTHKIT_DOMAIN"] == "http://127.0.0.1:8001"
