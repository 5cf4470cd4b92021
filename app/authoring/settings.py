"""`EnvironmentSettings`: a pydantic model whose fields are environment variables."""

import os
from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

_PLACES = (
    "locally in .env, in tests in test-environment of [tool.team] in pyproject.toml, "
    "deployed in template.team.yaml"
)
"""Where a team writes the value of a setting of its own."""


class EnvironmentSettings(BaseModel):
    """Settings of a team's tools: the field `reports_url` is read from the variable REPORTS_URL.

    A field without a default is required. The server reads all fields when it starts, and a start that fails names
    every variable that is missing or wrong, of the server and of the team. An empty variable counts as not set.
    Secrets belong in SSM (docs/make-it-yours.md); give a value that no log may show the type `SecretStr`.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings as the environment has them.

        Raises:
            pydantic.ValidationError: a variable is missing or wrong. At start the server reports this before.
        """
        return cls.model_validate(cls._read(environment))

    @classmethod
    def find_problems(cls, environment: Mapping[str, str]) -> list[str]:
        """One sentence for each variable that is missing or wrong, without its value; empty if all are right."""
        try:
            cls.from_environment(environment)
        except ValidationError as error:
            return [cls._explain(each["loc"], each["type"], each["msg"]) for each in error.errors()]
        return []

    @classmethod
    def _read(cls, environment: Mapping[str, str]) -> dict[str, Any]:
        return {name: environment[name.upper()] for name in cls.model_fields if environment.get(name.upper())}

    @classmethod
    def _explain(cls, location: tuple[int | str, ...], kind: str, message: str) -> str:
        if not location:  # of a validator over several fields
            return message
        name = str(location[0])
        if kind != "missing":
            return f"{name.upper()} is wrong: {message}"
        meaning = cls.model_fields[name].description
        return f"{name.upper()} is not set; set it to your value{f': {meaning}' if meaning else ''} ({_PLACES})"
