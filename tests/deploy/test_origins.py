"""template.yaml's patterns of origins beside the settings' own rules: what one takes, the other takes."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.auth.urls import check_https_url
from app.settings import parse_base_url, parse_issuer, parse_origins
from tests.deploy.cloudformation import load_template

pytestmark = pytest.mark.matrix

PARAMETERS: dict[str, dict[str, Any]] = load_template()["Parameters"]
EXTENSIVELY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

LABELS = st.one_of(
    st.sampled_from(
        ["a", "app", "example", "com", "localhost", "-a", "a-", "a--b", "", "x_y", "A", "é", "9", "*"]
    ),
    st.sampled_from(["a" * 63, "a" * 64]),
)
GROUPS = st.sampled_from(["", "0", "1", "::", "dead", "00001", "g", "127.0.0.1", "80", "443"])
HOSTS = st.one_of(
    st.lists(LABELS, min_size=1, max_size=5).map(".".join),
    st.sampled_from(
        ["127.0.0.1", "127.0.0.256", "999.1.1.1", "[::1]", "[::]", "[1:2:3:4:5:6:7:8]", "[::1", "::1"]
    ),
    st.sampled_from(["[::FFFF]", "[::ffff:7f00:1]", "[v1.x]", "[]", "a" * 253, ".".join(["a" * 63] * 4)]),
    st.lists(GROUPS, min_size=1, max_size=9).map(lambda groups: f"[{':'.join(groups)}]"),
)
SCHEMES = st.sampled_from(
    [
        "https://",
        "http://",
        "chrome-extension://",
        "vscode-file://",
        "app://",
        "httpx://",
        "HTTPS://",
        "https:/",
        "",
    ]
)
PORTS = st.sampled_from(["", "", ":80", ":443", ":6274", ":0", ":065", ":65535", ":65536", ":99999", ":", ":x"])
ENDS = st.sampled_from(["", "", "", "/", "/path", "?x", "#x", "@", "\\", "*"])
ORIGINS = st.builds("".join, st.tuples(SCHEMES, HOSTS, PORTS, ENDS))


def takes(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def matches(parameter: str, value: str) -> bool:
    return re.fullmatch(PARAMETERS[parameter]["AllowedPattern"], value) is not None


@pytest.mark.parametrize(
    "origin",
    [
        *("chrome-extension://abcdefghijklmnop", "moz-extension://1b2c-3d", "vscode-file://vscode-app"),
        *("vscode-webview://x", "app://obsidian.md", "app://-", "http://[::1]:6274", "https://[2001:db8::1]"),
        *("http://localhost:6274", "https://xn--bcher-kva.example", "tauri://localhost", "capacitor://localhost"),
    ],
)
def test_the_origins_of_extensions_desktop_apps_and_ipv6_can_be_deployed(origin: str) -> None:
    assert takes(parse_origins, origin)
    assert matches("AllowedOrigins", origin)


@EXTENSIVELY
@given(ORIGINS)
def test_the_template_takes_an_origin_that_the_settings_take_and_no_other(origin: str) -> None:
    assert matches("AllowedOrigins", origin) is takes(parse_origins, origin)


@pytest.mark.broad
@EXTENSIVELY
@given(st.from_regex(r"(https?|app)://(\[[0-9a-f:]{2,40}\]|[a-z0-9._-]{1,20})(:[0-9]{1,5})?", fullmatch=True))
@example("https://[1:2:3:4:5:6:7::]")
@example("https://[1::3:4:5:6:7:8]")
@example("https://[1:2::3:4:5:6:7:8]")
@example("https://[::2:3:4:5:6:7:8]")
@example("https://[:1::]")
@example("https://[1::2::3]")
def test_so_it_does_with_what_nearly_is_one(origin: str) -> None:
    assert matches("AllowedOrigins", origin) is takes(parse_origins, origin)


@pytest.mark.broad
@EXTENSIVELY
@given(
    st.lists(st.one_of(ORIGINS, st.just("https://a.example")), max_size=4), st.sampled_from([" ", "  ", "\n", ","])
)
def test_so_it_does_with_several(several: list[str], between: str) -> None:
    value = between.join(several)

    assert matches("AllowedOrigins", f" {value} ") is takes(parse_origins, f" {value} ")


@pytest.mark.broad
@EXTENSIVELY
@given(ORIGINS)
def test_what_the_template_takes_as_an_address_starts_the_function(address: str) -> None:
    """The settings take a little more: host names of one word, addresses that nobody deploys."""
    for parameter, read in (
        ("BaseUrl", parse_base_url),
        ("AuthKitDomain", parse_issuer),
        ("DocsUrl", check_https_url),
    ):
        if address and matches(parameter, address):
            assert takes(read, address), parameter


@pytest.mark.parametrize("address", ["http://[::1]:8000", "http://127.0.0.1:8000", "https://[2001:db8::1]:8443"])
def test_addresses_of_this_machine_and_of_ipv6_can_be_deployed(address: str) -> None:
    assert matches("BaseUrl", address)
    assert takes(parse_base_url, address)
