"""docs/make-it-yours.md: what it says besides the files that tests/upgrade writes into a copy and checks there."""

import re

from tests.blocks import ROOT, blocks
from tests.upgrade.page import PAGE, read_steps

TEXT = ROOT.joinpath(PAGE).read_text()


def test_each_step_writes_a_file_that_the_page_calls_yours() -> None:
    (row,) = re.findall(r"^\| yours \| (.*) \|$", TEXT, re.MULTILINE)
    yours = re.findall(r"`([^`]+)`|\[([^\]]+)\]", row)
    places = [code or link for code, link in yours]

    assert len(read_steps()) >= 9
    assert [file for file in read_steps() if not any(file.startswith(place.strip("[]")) for place in places)] == []


def test_the_pipeline_runs_the_commands_that_the_page_names() -> None:
    workflow = ROOT.joinpath(".github/workflows/deploy.yml").read_text()
    (named,) = re.findall(r"it runs (.*?), and deploys", TEXT.replace("\n", " "))
    commands = re.findall(r"`(make [a-z-]+)`", named)

    assert commands == re.findall(
        r"^      - run: (make [a-z-]+)$", workflow.partition("  deploy:")[0], re.MULTILINE
    )


def test_the_values_of_the_example_reach_the_server_in_each_of_the_three_places() -> None:
    line = "https://reports.example.com"

    assert f"REPORTS_URL={line}" in read_steps()[".env"]
    assert f'REPORTS_URL = "{line}"' in read_steps()["pyproject.toml"]
    assert f"REPORTS_URL: {line}" in read_steps()["template.team.yaml"]


def test_every_reason_that_the_log_gives_is_explained() -> None:
    (named,) = re.findall(r"the reason \((.*?)\)", TEXT.replace("\n", " "))
    code = "".join(ROOT.joinpath(f"app/runtime/{name}.py").read_text() for name in ("secrets", "team_secrets"))

    assert len(re.findall(r"`([a-z]+)`", named)) == 6
    assert [reason for reason in re.findall(r"`([a-z]+)`", named) if f'"{reason}"' not in code] == []


def test_each_thing_is_explained_on_one_page() -> None:
    upgrade = ROOT.joinpath("docs/upgrade.md").read_text()

    assert blocks("python", "docs/upgrade.md") == blocks("yaml", "docs/upgrade.md") == []
    assert "make-it-yours.md" in upgrade
    assert "make-it-yours.md" in ROOT.joinpath("README.md").read_text()
