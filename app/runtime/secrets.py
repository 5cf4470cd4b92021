"""The server's two secrets: the WorkOS API key, and the keys that seal request state.

Each is given as itself or as the name of the SSM parameter that holds it. Parameters are fetched together when the
first of them is needed, and then kept for some minutes.
"""

import asyncio
import base64
import binascii
import logging
import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from app.current import CallerError
from app.runtime.threads import in_server_thread

logger = logging.getLogger(__name__)

MAX_AGE_SECONDS = 300.0
"""A value is used so long before SSM is asked again, so a rotated secret is picked up within this time."""
SUSPECT_AGE_SECONDS = 10.0
"""The same if something looks as if the secret was rotated. It is not zero: any caller can make it look so."""
RETRY_SECONDS = 10.0
"""After a failure SSM is not asked again for so long."""
MAX_FETCH_SECONDS = 8.0
"""For one fetch: two attempts of three seconds, the pause between them and the import of boto3. boto3 itself
bounds each read, so an answer that comes byte by byte would take longer."""
MIN_KEY_BYTES = 32

_KEY_RECIPE = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
_CAUSES = {
    "AccessDeniedException": "denied",
    "InvalidKeyId": "denied",
    "ThrottlingException": "throttled",
    "Throttling": "throttled",
    "TooManyRequestsException": "throttled",
}

FetchParameters = Callable[[tuple[str, ...]], Awaitable[Mapping[str, str]]]
"""Returns the values of the parameters that exist; raises ParametersUnavailable if it cannot know them."""


class ParametersUnavailable(Exception):
    """SSM gave no answer; `cause` is a word for the log: denied, throttled or unreachable."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class SecretUnavailable(CallerError):
    """A secret cannot be read now. The text is for the caller; `parameter` and `cause` are for the log."""

    def __init__(self, parameter: str, cause: str, *, fix: str | None = None) -> None:
        """`fix` is for the log too: what to do about it, where the cause alone does not say it."""
        super().__init__(
            "This server cannot read one of its secrets at the moment. Its operator finds the reason in the log."
        )
        self.parameter = parameter
        self.cause = cause
        said = {"parameter": parameter, "reason": cause} | ({"fix": fix} if fix else {})
        logger.warning("secret unavailable", extra=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSources:
    """Where the two secrets come from: a value wins over the name of a parameter."""

    api_key: str | None = field(default=None, repr=False)
    api_key_parameter: str | None = None
    request_state_keys: tuple[bytes, ...] = field(default=(), repr=False)
    request_state_key_parameter: str | None = None


class ServerSecrets:
    """The two secrets of one environment. `clock` is wall time in seconds: it goes on while Lambda freezes us."""

    def __init__(self, sources: SecretSources, fetch: FetchParameters, clock: Callable[[], float]) -> None:
        self._sources = sources
        self._fetch = fetch
        self._clock = clock
        names = (sources.api_key_parameter, sources.request_state_key_parameter)
        self._parameters = ParameterCache(tuple(name for name in names if name), fetch, clock)

    async def api_key(self) -> str:
        """The WorkOS API key.

        Raises:
            CallerError: this server has no API key.
            SecretUnavailable: it cannot be read now, or cannot stand in a header.
        """
        if self._sources.api_key:
            return self._sources.api_key
        if parameter := self._sources.api_key_parameter:
            return _check_header_text(parameter, await self._parameters.get(parameter))
        raise CallerError(
            "This server has no WorkOS API key. Its operator sets WORKOS_API_KEY or WORKOS_API_KEY_PARAMETER."
        )

    async def request_state_keys(self, *, newer: bool = False) -> Sequence[bytes]:
        """The keys that seal request state, the sealing one first; none if the settings name none.

        With `newer`, something was sealed with a key that is not among them, so perhaps SSM has newer ones.

        Raises:
            SecretUnavailable: they cannot be read now, or are malformed.
        """
        parameter = self._sources.request_state_key_parameter
        if self._sources.request_state_keys or not parameter:
            return self._sources.request_state_keys
        max_age = SUSPECT_AGE_SECONDS if newer else MAX_AGE_SECONDS
        try:
            return parse_request_state_keys(await self._parameters.get(parameter, max_age=max_age))
        except ValueError:
            raise SecretUnavailable(parameter, "malformed") from None

    async def check(self) -> dict[str, str]:
        """For each parameter `readable`, or why it cannot be read now. The answer holds no value.

        It asks SSM anew: the operator wants to know about SSM, not about what this environment remembers.
        """
        fresh = ServerSecrets(self._sources, self._fetch, self._clock)
        reads: dict[str | None, Callable[[], Awaitable[object]]] = {
            self._sources.api_key_parameter: fresh.api_key,
            self._sources.request_state_key_parameter: fresh.request_state_keys,
        }
        return {parameter: await _try_read(read) for parameter, read in reads.items() if parameter}


async def _try_read(read: Callable[[], Awaitable[object]]) -> str:
    try:
        await read()
    except SecretUnavailable as unavailable:
        return unavailable.cause
    return "readable"


def _check_header_text(parameter: str, value: str) -> str:
    key = value.strip()  # a file that was put into SSM ends with a line break
    if not key.isascii() or not key.isprintable() or " " in key or not key:
        raise SecretUnavailable(parameter, "malformed")
    return key


def parse_parameter_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_./:-]+", value):
        raise ValueError("must be the name of an SSM parameter, for example /my-server/dev/api-key")
    return value


def parse_parameter_path(value: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9_.-]+)+", value):
        raise ValueError("must be a path in SSM without a slash at its end, for example /my-server/dev/team")
    return value


def parse_request_state_keys(text: str) -> tuple[bytes, ...]:
    """Keys as base64url, separated by commas: the first seals, all of them open, so a key can be rotated.

    Raises:
        ValueError: a sentence that follows the setting's name and says how to make a good key. It quotes no key.
    """
    keys = tuple(_decode_key(part.strip()) for part in text.split(","))
    if any(len(key) < MIN_KEY_BYTES for key in keys):
        raise ValueError(f"must hold keys of at least {MIN_KEY_BYTES} bytes each; {_KEY_RECIPE}")
    if len(set(keys)) != len(keys):
        raise ValueError("names the same key twice; keep each key once, the sealing one first")
    return keys


def _decode_key(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"must be base64url keys, comma separated; {_KEY_RECIPE}") from None


class ParameterCache:
    """The values of some SSM parameters, fetched together and kept for MAX_AGE_SECONDS."""

    def __init__(self, names: tuple[str, ...], fetch: FetchParameters, clock: Callable[[], float]) -> None:
        self._names = names
        self._fetch = fetch
        self._clock = clock
        self._values: Mapping[str, str] = {}
        self._cause = "missing"
        self._asked_at = -math.inf
        self._wait_seconds = 0.0
        self._lock = asyncio.Lock()

    async def get(self, name: str, *, max_age: float = MAX_AGE_SECONDS) -> str:
        """The value of one of the parameters; SSM is asked again if it is older than `max_age` seconds.

        Raises:
            SecretUnavailable: the parameter does not exist, may not be read, or SSM gave no answer and there is no
                value from before.
        """
        if self._is_due(max_age):
            async with self._lock:
                if self._is_due(max_age):  # still: another caller may have fetched meanwhile
                    await self._refresh()
        if name not in self._values:
            raise SecretUnavailable(name, self._cause)
        return self._values[name]

    def _is_due(self, max_age: float) -> bool:
        # Below zero: the clock was set back.
        return not 0 <= self._clock() - self._asked_at < min(self._wait_seconds, max_age)

    async def _refresh(self) -> None:
        # If this caller is cancelled, nothing changes, and the next caller asks.
        try:
            values = await self._fetch(self._names)
        except Exception as error:  # noqa: BLE001 - of any kind: the values from before go on serving
            self._cause = error.cause if isinstance(error, ParametersUnavailable) else "unreachable"
            self._wait_seconds = RETRY_SECONDS
            self._log_failure(error)
        else:
            self._values, self._cause = values, "missing"
            is_complete = values.keys() >= set(self._names)
            self._wait_seconds = MAX_AGE_SECONDS if is_complete else RETRY_SECONDS
        self._asked_at = self._clock()

    def _log_failure(self, error: Exception) -> None:
        # The class alone: the text may quote an answer that was cut off, with a secret in it.
        kind = type(error.__cause__ or error).__name__
        said = {"parameters": self._names, "reason": self._cause, "detail": kind}
        logger.warning("parameters unavailable", extra=said)


async def fetch_parameters(names: tuple[str, ...], *, seconds: float = MAX_FETCH_SECONDS) -> Mapping[str, str]:
    """Ask SSM for the decrypted values; those that exist are returned.

    Raises:
        ParametersUnavailable: SSM refused, throttled or did not answer in time, or something else answered.
    """
    try:
        # boto3 blocks. The server's own thread, because a tool cannot hold that one.
        async with asyncio.timeout(seconds):
            return await in_server_thread(_ask_ssm, names)
    except TimeoutError:
        raise ParametersUnavailable("unreachable") from None


def _ask_ssm(names: tuple[str, ...]) -> Mapping[str, str]:
    try:
        answer = _ssm().get_parameters(Names=list(names), WithDecryption=True)
        found = {each["Name"]: each["Value"] for each in answer["Parameters"]}
        values = {name: value for name in names if isinstance(value := found.get(name), str) and value}
        # SSM answers each name with a value, or says that there is no such parameter.
        is_complete = values.keys() | set(answer["InvalidParameters"]) >= set(names)
    except Exception as error:  # botocore raises many kinds, and an answer that is not SSM's may have any form
        raise ParametersUnavailable(_name_cause(error)) from error
    if not is_complete:
        raise ParametersUnavailable("unreachable")
    return values


def _name_cause(error: Exception) -> str:
    response = getattr(error, "response", None)  # of botocore's ClientError
    refusal = response.get("Error") if isinstance(response, dict) else None
    code = refusal.get("Code") if isinstance(refusal, dict) else None
    return _CAUSES.get(str(code), "unreachable")


@cache
def _ssm() -> Any:
    import boto3  # here, because it takes 150 ms, and only a call that needs a secret needs it
    from botocore.config import Config

    # A caller waits for this, so there are two attempts of three seconds at most.
    retries = {"total_max_attempts": 2, "mode": "standard"}
    return boto3.client("ssm", config=Config(connect_timeout=1, read_timeout=2, retries=retries))
