"""The page for people in a real browser: copy button, policy, both colour schemes, phone and desktop, keyboard."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.blocks import ROOT
from tests.e2e.landing_pictures import CHROMIUM, NODE, PICTURES, take_pictures
from tests.e2e.stack import Stack, running

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
PROGRAM = Path(__file__).with_name("landing_page.mjs")
VISITS = [f"{size}-{scheme}" for size in ("desktop", "phone", "smallest") for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


@pytest.fixture(scope="module")
def seen(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = str(tmp_path_factory.mktemp("browser"))
    ran = subprocess.run(
        [str(NODE), str(PROGRAM), str(CHROMIUM), folder, stack.mcp_url],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("visit", VISITS)
def test_it_fits_and_can_be_read(visit: str, seen: Any) -> None:
    assert seen[visit]["overflow"] <= 0
    assert (seen[visit]["brokenNames"], seen[visit]["hiddenPixels"]) == ([], 0)
    assert seen[visit]["contrast"] >= 4.5  # WCAG 2.2 AA, 1.4.3


@pytest.mark.parametrize("visit", VISITS)
def test_it_asks_nobody_for_anything_and_the_policy_has_nothing_to_refuse(
    visit: str, seen: Any, stack: Stack
) -> None:
    loaded = [url for url in seen[visit]["requests"] if not url.startswith("data:")]

    assert loaded == [stack.mcp_url]
    assert seen[visit]["complaints"] == []


def test_it_is_light_or_dark_as_the_system_is(seen: Any) -> None:
    light, dark, *others = (seen[visit]["background"] for visit in VISITS)

    assert [light, dark] * 2 == others
    assert light != dark


def test_the_button_copies_the_address_and_says_so(seen: Any, stack: Stack) -> None:
    assert seen["copied"] == {"clipboard": stack.mcp_url, "spoken": "Copied"}
    assert seen["complaints"] == []


def test_a_client_is_opened_with_the_keyboard_and_the_focus_is_seen(seen: Any) -> None:
    assert seen["keyboard"] == {"outline": "solid", "opened": 1}


def test_without_javascript_only_the_copy_buttons_are_missing(seen: Any, stack: Stack) -> None:
    assert (seen["withoutScript"]["buttons"], seen["withoutScript"]["address"]) == (0, stack.mcp_url)


def test_only_a_browser_gets_the_page_through_the_gateway(stack: Stack) -> None:
    with httpx2.Client(trust_env=False, base_url=stack.base_url) as client:
        statuses = [client.get(path, headers={"accept": "*/*"}).status_code for path in ("/", "/mcp")]
        page = client.get("/", headers={"accept": "text/html"})

    assert statuses == [404, 401]
    assert "The local login asks for no password" in page.text


def test_the_documents_show_a_picture_of_each_form(tmp_path: Path) -> None:
    take_pictures(tmp_path)

    for name in PICTURES:
        taken, shown = ((folder / f"{name}.png").read_bytes() for folder in (tmp_path, ROOT / "docs/images"))
        assert taken[16:24] == shown[16:24]  # PNG, 11.2.1: width and height
        assert len(shown) < 120_000
