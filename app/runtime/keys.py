"""The two secrets of the settings, each given as itself or as the SSM parameter that holds it."""

from collections.abc import Awaitable, Callable, Sequence

from app.current import CallerError
from app.runtime.secrets import SIGN_TTL, TTL, FetchParameters, Secrets, SecretUnavailable
from app.setting_values import request_state_keys
from app.settings import Settings


class Keys:
    """Both are fetched in one call, when the first of them is needed."""

    def __init__(self, settings: Settings, fetch: FetchParameters, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._fetch = fetch
        self._clock = clock
        named = (settings.api_key_parameter, settings.request_state_key_parameter)
        self._secrets = Secrets(tuple(name for name in named if name), fetch, clock)

    async def api_key(self) -> str:
        """The WorkOS API key.

        Raises:
            CallerError: there is none, or it cannot be read now (SecretUnavailable).
        """
        if self._settings.api_key:
            return self._settings.api_key
        if parameter := self._settings.api_key_parameter:
            return _header_text(parameter, await self._secrets.get(parameter))
        raise CallerError(
            "This server has no WorkOS API key. Its operator sets WORKOS_API_KEY or WORKOS_API_KEY_PARAMETER."
        )

    async def request_state_keys(self, *, newer: bool = False) -> Sequence[bytes]:
        """The sealing keys, the first seals; none if the settings name none.

        `newer`: there is a sign that SSM has others than those of before.

        Raises:
            SecretUnavailable: they cannot be read now, or are no keys.
        """
        parameter = self._settings.request_state_key_parameter
        if self._settings.request_state_keys or not parameter:
            return self._settings.request_state_keys
        try:
            return request_state_keys(await self._secrets.get(parameter, max_age=SIGN_TTL if newer else TTL))
        except ValueError:
            raise SecretUnavailable(parameter, "malformed") from None

    async def check(self) -> dict[str, str]:
        """By parameter, whether it can be read now: `readable`, or why not. No value is in the answer.

        Nothing that was fetched before counts: the operator asks about SSM, not about this environment's memory.
        """
        fresh = Keys(self._settings, self._fetch, self._clock)
        reads: dict[str | None, Callable[[], Awaitable[object]]] = {
            self._settings.api_key_parameter: fresh.api_key,
            self._settings.request_state_key_parameter: fresh.request_state_keys,
        }
        return {parameter: await _outcome(read) for parameter, read in reads.items() if parameter}


async def _outcome(read: Callable[[], Awaitable[object]]) -> str:
    try:
        await read()
    except SecretUnavailable as unavailable:
        return unavailable.cause
    return "readable"


def _header_text(parameter: str, value: str) -> str:
    """The key as it can stand in a header; a file put into SSM ends with a line break."""
    key = value.strip()
    if not key.isascii() or not key.isprintable() or " " in key or not key:
        raise SecretUnavailable(parameter, "malformed")
    return key
