"""SERVE_EXAMPLES: examples/ beside a team's own folders, and a clear error where the artefact has none."""

import sys
from dataclasses import replace

import pytest

from app.application import create_app
from app.settings import Settings, SettingsError
from tests.packages import Write
from tests.rig import SETTINGS, Rig
from tests.team import ENVIRONMENT

OWN = '''from app.authoring import tool


@tool()
async def own() -> str:
    """Of the team."""
    return "own"
'''


def test_examples_are_served_beside_what_is_the_teams_if_the_setting_says_so(write: Write) -> None:
    own = write(own=OWN)

    def listed(rig: Rig) -> set[str]:
        return {tool["name"] for tool in rig.exchange("tools/list").json["result"]["tools"]}

    assert listed(Rig(tools=own, prompts=write(), resources=write())) == {"own"}
    asked_for = Rig(replace(SETTINGS, serve_examples=True), tools=own, prompts=write(), resources=write())
    assert {"own", "my_access", "add_working_days"} <= listed(asked_for)
    assert asked_for.exchange("prompts/list").json["result"]["prompts"][0]["name"] == "introduce_me"


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("false", False), ("", False)])
def test_the_variable_is_off_unless_it_says_true(value: str, expected: bool) -> None:
    assert Settings.from_environment({**ENVIRONMENT, "SERVE_EXAMPLES": value}).serve_examples is expected


def test_an_artefact_without_examples_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "examples.tools", None)  # as if the folder were not there

    with pytest.raises(SettingsError, match=r"SERVE_EXAMPLES is true, but .* make deploy EXAMPLES=1, or leave"):
        create_app(replace(SETTINGS, serve_examples=True))
