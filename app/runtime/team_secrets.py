"""The secrets of a team's own tools: a variable of the environment, or else the SSM parameter of that name."""

import os
import re
from collections.abc import Callable, Iterable, Mapping

from pydantic import SecretStr

from app.current import Slot
from app.runtime.secrets import FetchParameters, ParameterCache, SecretUnavailable

_OF_OTHERS = re.compile(r"AWS_.*|WORKOS_API_KEY|REQUEST_STATE_KEY")
"""The function's own credentials, which are variables of each Lambda function, and the server's secrets."""


def check_secret_name(name: str) -> str:
    """Return the name if it can be that of a variable and the last part of an SSM parameter's name.

    Raises:
        ValueError: saying the rule.
    """
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", name):
        raise ValueError("a secret is named like a variable, in capitals, digits and _, such as STRIPE_KEY")
    if _OF_OTHERS.fullmatch(name):
        raise ValueError(
            f"{name} is of AWS or of the server; give a secret of yours another name, such as STRIPE_KEY"
        )
    return name


def find_variable(name: str, environment: Mapping[str, str] = os.environ) -> SecretStr | None:
    """The secret that the environment holds; None if the variable is empty or not set."""
    value = environment.get(name, "").strip()
    return SecretStr(value) if value else None


class TeamSecrets:
    """The team's secrets in one environment of the function, each fetched on first use and kept for minutes."""

    def __init__(
        self,
        path: str | None,
        fetch: FetchParameters,
        clock: Callable[[], float],
        variables: Mapping[str, str] = os.environ,
    ) -> None:
        """`path` is where SSM has them, such as /acme-tools/dev/team; without it there are `variables` only."""
        self._path = path
        self._fetch = fetch
        self._clock = clock
        self._variables = variables
        self._caches: dict[str, ParameterCache] = {}

    async def get(self, name: str) -> SecretStr:
        """The value of one secret. A variable wins, and white space around the value is not part of it.

        Raises:
            ValueError: the name cannot be that of a secret.
            SecretUnavailable: it is in neither place, or SSM does not say it now.
        """
        if (found := find_variable(check_secret_name(name), self._variables)) is not None:
            return found
        if self._path is None:
            fix = f"locally: {name}=value in .env; deployed: make secrets NAME={name}"
            raise SecretUnavailable(name, "unset", fix=fix)
        parameter = f"{self._path}/{name}"
        if name not in self._caches:
            self._caches[name] = ParameterCache((parameter,), self._fetch, self._clock)
        value = (await self._caches[name].get(parameter)).strip()
        if not value:
            raise SecretUnavailable(parameter, "malformed")
        return SecretStr(value)

    async def check(self, names: Iterable[str]) -> dict[str, str]:
        """For the parameter of each name `readable`, or why it cannot be read now. SSM is asked anew."""
        fresh = TeamSecrets(self._path, self._fetch, self._clock, self._variables)
        return {f"{self._path}/{name}": await fresh._try_read(name) for name in names} if self._path else {}

    async def _try_read(self, name: str) -> str:
        try:
            await self.get(name)
        except SecretUnavailable as unavailable:
            return unavailable.cause
        return "readable"


current_team_secrets: Slot[TeamSecrets] = Slot("store of secrets")
