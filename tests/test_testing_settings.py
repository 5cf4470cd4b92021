"""What a test changes of its server: settings, secrets, dependencies. A name that matches nothing is an error."""

import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import pytest
from pydantic import SecretStr

from app.application import create_app
from app.authoring import EnvironmentSettings, secret
from app.authoring.testing import CallAs, as_user, provide
from infra.local.testing.server import LocalServer
from tests.blocks import ROOT
from tests.packages import Write
from tests.team import FIXTURES

PAGE = ROOT.joinpath("docs/testing.md").read_text()
SECTION = PAGE.partition("## Settings and secrets of your own")[2].partition("\n## ")[0]


class TeamSettings(EnvironmentSettings):
    pager_url: str = ""
    pager_rows: int = 1


@cache
def get_team_settings() -> TeamSettings:
    return TeamSettings.from_environment()


PAGE_SOMEBODY = """
from typing import Annotated
from fastapi import Depends
from pydantic import SecretStr
from app.authoring import get_secret, secret, tool
from tests_settings import TeamSettings, get_team_settings

@tool()
async def page(
    settings: Annotated[TeamSettings, Depends(get_team_settings)],
    key: Annotated[SecretStr, Depends(secret("PAGER_KEY"))],
) -> str:
    "Page somebody."
    return f"{settings.pager_url} {settings.pager_rows} {key.get_secret_value()}"

@tool()
async def page_in_code() -> str:
    "Page somebody else."
    return (await get_secret("PAGER_KEY")).get_secret_value()
"""


@pytest.fixture(autouse=True)
def server(write: Write, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "tests_settings", sys.modules[__name__])
    compose = partial(create_app, tools=write(page=PAGE_SOMEBODY), prompts=[], resources=[])
    server = LocalServer(FIXTURES / "seed.toml", compose, team=TeamSettings, get_team=get_team_settings)
    before = provide(server.connect)
    yield
    provide(before)
    get_team_settings.cache_clear()


def test_settings_have_the_teams_fields_and_secrets(call_as: CallAs) -> None:
    given = {"PAGER_URL": "https://pager.example.com", "PAGER_KEY": "k_test"}
    caller = call_as(as_user(), settings=given)

    assert caller.call("page") == "https://pager.example.com 1 k_test"
    assert caller.call("page_in_code") == "k_test"
    assert call_as(as_user(), settings={**given, "PAGER_ROWS": "2"}).call("page").endswith(" 2 k_test")


def test_a_client_has_the_variables_of_the_process_and_another_value_where_it_names_one(
    call_as: CallAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PAGER_URL": "u", "PAGER_ROWS": "3", "PAGER_KEY": "k"}.items():
        monkeypatch.setenv(name, value)

    assert call_as(as_user()).call("page") == "u 3 k"
    assert call_as(as_user(), settings={"PAGER_URL": "mine"}).call("page") == "mine 3 k"
    assert call_as(as_user(), settings={"PAGER_KEY": "mine"}).call("page") == "u 3 mine"


def test_a_secret_is_overridden_by_its_name(call_as: CallAs) -> None:
    overrides: dict[Any, Any] = {
        secret("PAGER_KEY"): lambda: SecretStr("k_test"),
        get_team_settings: lambda: TeamSettings(pager_url="u"),
    }

    assert call_as(as_user(), overrides=overrides).call("page") == "u 1 k_test"


def test_a_wrong_value_of_a_team_setting_is_named(call_as: CallAs) -> None:
    with pytest.raises(Exception, match="PAGER_ROWS is wrong: Input should be a valid integer"):
        call_as(as_user(), settings={"PAGER_ROWS": "many"})


@pytest.mark.parametrize("name", ["PAGER_URI", "REQUIRED_SCOPE", "pager_url", "OTHER_KEY"])
def test_a_setting_that_the_server_does_not_have_is_the_tests_mistake(name: str, call_as: CallAs) -> None:
    with pytest.raises(ValueError, match=rf"no setting {name}; it has .*PAGER_ROWS, PAGER_URL.* REQUIRED_SCOPES"):
        call_as(as_user(), settings={name: "x"})


def test_an_override_on_which_nothing_depends_is_the_tests_mistake(call_as: CallAs) -> None:
    def get_clock() -> int:
        return 0

    with pytest.raises(ValueError, match=r"depends on get_clock; they depend on get_team_settings, secret\("):
        call_as(as_user(), overrides={get_clock: get_clock})


@pytest.mark.parametrize("place", ["settings", "overrides"])
def test_what_the_page_writes_works(place: str, call_as: CallAs) -> None:
    (written,) = re.findall(rf"^\| `{place}` of a client \| .+? \| (.+) \|$", SECTION, flags=re.MULTILINE)
    words = {"secret": secret, "SecretStr": SecretStr, "get_team_settings": get_team_settings}
    words["TeamSettings"] = TeamSettings
    given: dict[Any, Any] = {}
    for each in re.findall("`(.+?)`", written):
        given |= eval(each.replace("(...)", "(pager_url='https://pager.example.com')"), words)  # noqa: S307

    caller = call_as(as_user(), settings=given) if place == "settings" else call_as(as_user(), overrides=given)

    assert caller.call("page") == "https://pager.example.com 1 k_test"


def test_what_the_page_writes_into_pyproject_is_what_the_tests_read() -> None:
    (written,) = re.findall(r"`(test-environment = .+?)`", SECTION)

    assert tomllib.loads(written) == {
        "test-environment": {"PAGER_URL": "https://pager.example.com", "PAGER_KEY": "k_test"}
    }
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["team"].keys() >= {"test-environment"}
