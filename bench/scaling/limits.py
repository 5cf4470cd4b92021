"""The limits that calls run into: AWS's, WorkOS's, and those that template.yaml sets itself."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.deploy.cloudformation import load_template

SSM = 40.0


@cache
def parameters() -> dict[str, dict[str, Any]]:
    held: dict[str, dict[str, Any]] = load_template()["Parameters"]
    return held


def shipped(name: str) -> float:
    """The default of a parameter that is a number."""
    return float(parameters()[name]["Default"])


def most(name: str) -> float:
    return float(parameters()[name]["MaxValue"])


@dataclass(frozen=True, slots=True)
class Published:
    # Lambda quotas: 1,000 at once in an account and region, shared by its functions; can be raised. "New AWS
    # accounts have reduced concurrency": to how much is not published, 10 and 50 are reported.
    concurrency: int = 1000
    new_account_concurrency: int = 10
    # Lambda, scaling behaviour: a function gets 1,000 environments more in 10 s, refilled as time passes.
    starts: int = 1000
    starts_seconds: float = 10.0
    # Lambda quotas: 10 requests a second for each unit of concurrency, of the account or reserved.
    requests_per_concurrency: float = 10.0
    # API Gateway quotas: all APIs of an account and region; 2,500 and 1,250 in 13 of the regions. Can be raised.
    gateway_rate: float = 10_000.0
    # Parameter Store: shared by an account and region. 40 is reported, by many; raising it costs per request.
    ssm: float = SSM
    # With its setting for higher throughput. Sources say 1,000, 3,000 and 10,000: the least of them.
    ssm_raised: float = 1000.0
    # WorkOS, rate limits: 6,000 requests in 60 s per API key (an older page says per IP address), and 1,000 reads
    # of /user_management in 10 s per environment. Both are 100 a second. AuthKit's JWKS: nothing is published.
    workos: float = 100.0
    # DynamoDB: what a new table on demand takes at once (it grows), and what one item takes.
    new_table_writes: float = 4000.0
    item_writes: float = 1000.0
    # Lambda, memory: this many MB are one vCPU.
    mb_per_core: float = 1769.0


@dataclass(frozen=True, slots=True)
class Setup:
    """What stands between a call and an environment."""

    throttle_rate: float
    throttle_burst: float
    concurrency: int
    ssm: float = SSM
    """Requests a second that SSM takes."""


def as_shipped(concurrency: int) -> Setup:
    return Setup(shipped("ThrottleRate"), shipped("ThrottleBurst"), concurrency)
