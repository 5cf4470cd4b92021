"""What docs/landing-page.md says of settings, paths and examples is so."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

from app.settings import parse_note
from infra.deploy.deployment import read_deployment
from tests.blocks import ROOT, blocks
from tests.rig import SETTINGS, Rig

FILE = "docs/landing-page.md"
PAGE = (ROOT / FILE).read_text()


def test_the_note_of_the_example_reaches_the_function_as_two_lines(tmp_path: Path) -> None:
    (example,) = blocks("toml", FILE)
    overrides = tomllib.loads(example)["parameter_overrides"]
    samconfig = tmp_path / "samconfig.toml"
    samconfig.write_text(f'[dev.deploy.parameters]\nstack_name = "a"\ns3_prefix = "a"\nregion = "a"\n{example}')

    note = read_deployment({}, samconfig).parameters["LandingPageNote"]

    assert len(overrides) == 3
    assert parse_note(note) == ("Ask #platform for access.", "New here? Read the handbook.")


def test_the_public_documents_are_where_the_table_says() -> None:
    rig = Rig(settings=replace(SETTINGS, server_card=True))
    paths = re.findall(r"^\| `(/[^`]+)` \|", PAGE, re.MULTILINE)

    assert len(paths) == 3
    assert [rig.request("GET", path).status for path in paths] == [200] * 3


def test_every_setting_and_parameter_of_the_page_exists() -> None:
    settings = set(re.findall(r"`([A-Z]+_[A-Z_]+)\b", PAGE))
    parameters = set(re.findall(r"template parameter `(\w+)`", PAGE))
    readme, template = (ROOT / "README.md").read_text(), (ROOT / "template.yaml").read_text()

    assert {"LANDING_PAGE", "LANDING_PAGE_NOTE", "SERVER_CARD", "DOCS_URL"} <= settings
    assert [name for name in settings if f"| `{name}` |" not in readme] == []
    assert parameters == {"LandingPage", "ServerCard"}
    assert [name for name in parameters if f"\n  {name}:\n" not in template] == []


def test_every_picture_of_the_page_is_shown_and_no_other_is_kept() -> None:
    kept = {picture.name for picture in (ROOT / "docs/images").glob("landing-*.png")}

    assert set(re.findall(r"images/(landing-[\w-]+\.png)", PAGE)) == kept
