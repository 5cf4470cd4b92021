"""The settings of a team's own tools: read by their names, checked at start beside those of the server."""

from typing import Annotated, Self

import pytest
from pydantic import Field, HttpUrl, SecretStr, ValidationError, model_validator

from app.authoring import EnvironmentSettings
from app.settings import Settings, SettingsError

SERVER = {"WORKOS_AUTHKIT_DOMAIN": "acme.authkit.app", "WORKOS_CLIENT_ID": "c", "BASE_URL": "https://a.example"}


class Reports(EnvironmentSettings):
    reports_url: Annotated[HttpUrl, Field(description="where the reports are")]
    reports_key: SecretStr
    reports_rows: int = 100
    reports_open: bool = False
    reports_first: int = 0

    @model_validator(mode="after")
    def starts_before_its_end(self) -> Self:
        if self.reports_first > self.reports_rows:
            raise ValueError("REPORTS_FIRST is more than REPORTS_ROWS")
        return self


PLACES = (
    "locally in .env, in tests in test-environment of [tool.team] in pyproject.toml, "
    "deployed in template.team.yaml"
)
GOOD = {"REPORTS_URL": "https://reports.example.com/", "REPORTS_KEY": "k", "REPORTS_OPEN": "true"}


def test_each_field_is_the_variable_of_its_name() -> None:
    read = Reports.from_environment({**GOOD, "REPORTS_ROWS": "5", "ANYTHING": "else"})

    assert (str(read.reports_url), read.reports_rows, read.reports_open) == (
        "https://reports.example.com/",
        5,
        True,
    )
    assert "'k'" not in repr(read)


def test_an_empty_variable_is_not_set() -> None:
    assert Reports.from_environment({**GOOD, "REPORTS_ROWS": ""}).reports_rows == 100
    with pytest.raises(ValidationError):
        Reports.from_environment({**GOOD, "REPORTS_KEY": ""})


def test_a_start_names_all_problems_of_the_server_and_of_the_team_and_no_value() -> None:
    wrong = {"REPORTS_ROWS": "hunter2", "REQUIRE_ORGANIZATION": "perhaps"}

    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({**SERVER, **wrong}, team=Reports)

    assert str(raised.value) == (
        "REQUIRE_ORGANIZATION must be true or false"
        f"; and REPORTS_URL is not set; set it to your value: where the reports are ({PLACES})"
        f"; and REPORTS_KEY is not set; set it to your value ({PLACES})"
        "; and REPORTS_ROWS is wrong: Input should be a valid integer, unable to parse string as an integer"
    )


def test_a_rule_over_several_settings_says_what_it_says() -> None:
    problems = Reports.find_problems({**GOOD, "REPORTS_FIRST": "500"})

    assert problems == ["Value error, REPORTS_FIRST is more than REPORTS_ROWS"]


def test_right_settings_let_the_server_start() -> None:
    assert Settings.from_environment({**SERVER, **GOOD}, team=Reports).client_id == "c"
