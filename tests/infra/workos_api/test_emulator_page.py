"""docs/emulator.md: the questions are those that the comparison asks, and this project's answers are what it says.

What WorkOS' emulator answers was measured by hand, because the package registries do not have it.
"""

import asyncio
import re

import pytest

from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.workos_api import create_workos_api
from tests.blocks import ROOT
from tests.infra.workos_api.emulator_comparison import QUESTIONS, compare

pytestmark = pytest.mark.e2e
PAGE = (ROOT / "docs/emulator.md").read_text()


def test_our_answers_are_what_the_page_says_and_all_as_the_document_says() -> None:
    seed = load_seed()
    # In the emulator's place is a second one of ours, whose answers are held to the document.
    with LoopbackServer(create_workos_api(seed)) as second:
        found = asyncio.run(compare(second.url, seed.environment.api_key))

    table = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)[1:]
    assert table == [(name, here) for name, here, _, _ in found]
    assert len(table) == len(QUESTIONS)
    assert {name: objections for name, _, _, objections in found if objections != "as the document says"} == {
        "resource indicators": "not in the document"
    }
    assert "cannot be parsed" not in str([here for _, here, _, _ in found])
