"""YOURS: the settings of your own tools. Upstream does not change this file."""

from functools import cache
from typing import Annotated

from fastapi import Depends

from app.authoring import EnvironmentSettings


class TeamSettings(EnvironmentSettings):
    """One field for each setting: `reports_url` reads the variable REPORTS_URL (docs/make-it-yours.md)."""


@cache
def get_team_settings() -> TeamSettings:
    """The settings of this environment, read once."""
    return TeamSettings.from_environment()


CurrentTeamSettings = Annotated[TeamSettings, Depends(get_team_settings)]
"""Type a parameter with it: the server passes the settings in, and the parameter is not in the schema."""
