"""SSM SecureStrings, all in one call, through Powertools; boto3 is imported by the first call."""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from app.runtime.secrets import ParametersUnavailable
from app.runtime.threads import in_server_thread

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SSMProvider

WAIT_SECONDS = 8.0
"""Two attempts of three seconds, the pause between them, the import of boto3. Each read has a limit of its own in
boto3, so an answer that comes drop by drop would take longer."""
_CAUSES = {
    "AccessDeniedException": "denied",
    "InvalidKeyId": "denied",
    "ThrottlingException": "throttled",
    "Throttling": "throttled",
    "TooManyRequestsException": "throttled",
}


async def fetch_parameters(names: tuple[str, ...], *, seconds: float = WAIT_SECONDS) -> Mapping[str, str]:
    """The decrypted values of those that exist.

    Raises:
        ParametersUnavailable: SSM refused, throttled or did not answer, or the answer is not SSM's.
    """
    try:
        # boto3 blocks: in a thread of the server's own, which no tool can hold.
        async with asyncio.timeout(seconds):
            return await in_server_thread(_fetch, names)
    except TimeoutError:
        raise ParametersUnavailable("unreachable") from None


def _fetch(names: tuple[str, ...]) -> Mapping[str, str]:
    try:
        # max_age=0: how long a value is kept is decided in app/runtime/secrets.py, failures included.
        found: dict[str, Any] = _provider().get_parameters_by_name(
            {name: {} for name in names}, decrypt=True, max_age=0, raise_on_error=False
        )
        values = {name: value for name in names if isinstance(value := found.get(name), str) and value}
        # Of each name that SSM is asked for it says either the value or that there is no such parameter.
        complete = values.keys() | set(found["_errors"]) >= set(names)
    except ParametersUnavailable:
        raise
    except Exception as error:  # botocore and Powertools stumble in many ways over what is not SSM's answer
        raise ParametersUnavailable("unreachable") from error
    if not complete:
        raise ParametersUnavailable("unreachable")
    return values


@cache
def _provider() -> "SSMProvider":
    from aws_lambda_powertools.utilities.parameters import SSMProvider
    from botocore.config import Config

    # Two attempts of three seconds each at most: a caller waits for this.
    retries = {"total_max_attempts": 2, "mode": "standard"}
    provider = SSMProvider(boto_config=Config(connect_timeout=1, read_timeout=2, retries=retries))
    provider.client.meta.events.register("after-call.ssm.GetParameters", _refuse_errors)
    return provider


def _refuse_errors(http_response: Any, parsed: Any, **_: Any) -> None:
    """Before Powertools sees the answer: it takes two of SSM's errors for "there are no such parameters"."""
    if http_response.status_code != 200:
        raise ParametersUnavailable(_CAUSES.get(str(parsed["Error"]["Code"]), "unreachable"))
