"""SSM SecureStrings, all in one call, through Powertools; boto3 is imported by the first call."""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from app.secrets import ParametersUnavailable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SSMProvider

_CAUSES = {
    "AccessDeniedException": "denied",
    "ThrottlingException": "throttled",
    "Throttling": "throttled",
    "TooManyRequestsException": "throttled",
}


async def fetch_parameters(names: tuple[str, ...]) -> Mapping[str, str]:
    """The decrypted values of those that exist.

    Raises:
        ParametersUnavailable: SSM refused, throttled or did not answer.
    """
    # boto3 blocks: in a thread, so that the loop stays free.
    return await asyncio.to_thread(_fetch, names)


def _fetch(names: tuple[str, ...]) -> Mapping[str, str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        # max_age=0: how long a value is kept is decided in app/secrets.py, failures included.
        found = _provider().get_parameters_by_name(
            {name: {} for name in names}, decrypt=True, max_age=0, raise_on_error=False
        )
    except ClientError as error:
        raise ParametersUnavailable(_CAUSES.get(error.response["Error"]["Code"], "unreachable")) from error
    except BotoCoreError as error:
        raise ParametersUnavailable("unreachable") from error
    return {name: value for name, value in found.items() if name in names and isinstance(value, str)}


@cache
def _provider() -> "SSMProvider":
    from aws_lambda_powertools.utilities.parameters import SSMProvider
    from botocore.config import Config

    # Two attempts of three seconds each at most: a caller waits for this.
    retries = {"total_max_attempts": 2, "mode": "standard"}
    return SSMProvider(boto_config=Config(connect_timeout=1, read_timeout=2, retries=retries))
