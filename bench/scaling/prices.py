"""List prices of us-east-1 in dollars, without the free tier: not a bill."""

from dataclasses import dataclass
from math import inf

MONTH = 730 * 3600.0
"""Seconds of a month, as AWS's calculator counts it."""

Tiers = tuple[tuple[float, float], ...]
"""Up to which amount, and the price of one up to there."""


def tiered(amount: float, tiers: Tiers) -> float:
    """What an amount costs when each part of it has the price of its tier."""
    cost = below = 0.0
    for limit, price in tiers:
        cost += max(0.0, min(amount, limit) - below) * price
        below = limit
    return cost


def _duration(first: float, unit: float) -> Tiers:
    # AWS Compute Blog, "Introducing tiered pricing for AWS Lambda": 10 % less in the second, 20 % in the third.
    return ((first, unit), (2.5 * first, 0.9 * unit), (inf, 0.8 * unit))


ARM64 = _duration(7.5e9, 0.0000133334)
X86_64 = _duration(6e9, 0.0000166667)


@dataclass(frozen=True, slots=True)
class Prices:
    # Lambda, a GB-second. INIT has been billed like a call since 2025-08-01.
    arm64: Tiers = ARM64
    x86_64: Tiers = X86_64
    request: float = 0.20 / 1e6
    # HTTP API, a request of up to 512 KB. One source has $0.80 from a billion on, the others do not: unsettled.
    gateway: Tiers = ((3e8, 1.00 / 1e6), (inf, 0.90 / 1e6))
    # SnapStart: a GB and second of each published version; a GB restored. Secondary sources disagree on the
    # second one's unit (GB, or GB-second of the restore): the dearer reading is used.
    snapshot: float = 0.0000015046
    restored: float = 0.0001397998
    # Logs of functions, a GB: tiers since 2025-05-01. Whether they hold for the API's access log is not verified.
    function_log: Tiers = ((1e4, 0.50), (3e4, 0.25), (5e4, 0.10), (inf, 0.05))
    access_log: float = 0.50
    # DynamoDB on demand, a write: docs/quota.md.
    write: float = 0.625 / 1e6
