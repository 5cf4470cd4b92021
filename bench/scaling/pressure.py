"""Each limit, and how much of it a load takes with template.yaml as it is shipped."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.scaling.arrivals import CLIENTS, REQUESTS
from bench.scaling.limits import Published, shipped
from bench.scaling.paper import busy, environments
from bench.scaling.simulate import KEY_SHARE
from bench.scaling.timing import Timing

LIMITS = Published()


@dataclass(frozen=True, slots=True)
class Pressure:
    limit: str
    allowed: float
    used: Callable[[float, Timing], float]
    setting: str

    def share(self, rate: float, times: Timing) -> float:
        return self.used(rate, times) / self.allowed


def _calls(rate: float, _: Timing) -> float:
    return rate


def _after_deploy(rate: float, times: Timing) -> float:
    return environments(busy(rate, times.start + times.first))


PRESSURES = (
    Pressure("API Gateway, calls a second", shipped("ThrottleRate"), _calls, "`ThrottleRate`"),
    Pressure(
        "API Gateway, 1,000 clients that come back",
        shipped("ThrottleBurst"),
        lambda _, __: CLIENTS * REQUESTS,
        "`ThrottleBurst`",
    ),
    Pressure("API Gateway, calls a second of the account", LIMITS.gateway_rate, _calls, "the account's quota"),
    Pressure(
        "Lambda, calls under way",
        LIMITS.concurrency,
        lambda rate, times: environments(busy(rate, times.warm)),
        "the account's quota; `ReservedConcurrency` keeps a part of it for this function",
    ),
    Pressure(
        "Lambda, calls a second",
        LIMITS.concurrency * LIMITS.requests_per_concurrency,
        _calls,
        "the same: 10 for each",
    ),
    Pressure(
        "Lambda, starts at once: a deploy",
        LIMITS.starts,
        _after_deploy,
        "`SnapStart`, and smaller steps than those of `Canary`",
    ),
    Pressure(
        "SSM, a second: a deploy, and a quarter of the calls needs the API key",
        LIMITS.ssm,
        lambda rate, times: min(KEY_SHARE * rate, _after_deploy(rate, times)),
        "Parameter Store's setting for higher throughput",
    ),
    Pressure(
        "WorkOS, a second: a quarter of the calls asks once",
        LIMITS.workos,
        lambda rate, _: KEY_SHARE * rate,
        "claims in the token; WorkOS's leave for more",
    ),
    Pressure(
        "WorkOS, a second, with `AuditLogAction`: each call is an event",
        LIMITS.workos,
        _calls,
        "`AuditLogAction` empty; WorkOS's leave for more",
    ),
    Pressure(
        "DynamoDB, writes of a new table, both quotas on",
        LIMITS.new_table_writes,
        lambda rate, _: 2 * rate,
        "`QuotaPerUser` alone, and a table that grew",
    ),
    Pressure(
        "DynamoDB, writes of one item: all calls are one organisation's",
        LIMITS.item_writes,
        _calls,
        "`QuotaPerOrganization=0`",
    ),
)
