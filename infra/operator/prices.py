"""AWS's list prices in us-east-1, in US dollars, as of 2026-11-30. docs/operate.md has the same table."""

from dataclasses import dataclass

AS_OF = "2026-11-30"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Price:
    what: str
    dollars: float
    per: str
    units: float = 1.0
    """How many of the counted units the price is for."""

    def charge(self, amount: float) -> float:
        return amount / self.units * self.dollars


REQUESTS_TO_API = Price("HTTP API requests", 1.00, "million", 1e6)
INVOCATIONS = Price("Lambda requests", 0.20, "million", 1e6)
DURATION = {
    "arm64": Price("Lambda duration, arm64", 0.0000133334, "GB-second"),
    "x86_64": Price("Lambda duration, x86_64", 0.0000166667, "GB-second"),
}
# Examples of https://aws.amazon.com/lambda/pricing/ as of 2026-09-20; its own table names no number in its text.
OPERATIONS = Price("durable operations", 8.00, "million", 1e6)
WRITTEN = Price("durable data written", 0.25, "GB")
KEPT = Price("durable data kept", 0.15, "GB and month")
RESTORES = Price("SnapStart restores", 0.0001397998, "GB restored")
SNAPSHOTS = Price("SnapStart snapshots", 0.0000015046, "GB-second")
LOGS = Price("CloudWatch Logs", 0.50, "GB")
ALARMS = Price("CloudWatch alarms", 0.10, "alarm and month")
METRICS = Price("CloudWatch metrics", 0.30, "metric and month")
DASHBOARD = Price("CloudWatch dashboard", 3.00, "dashboard and month")
SECRETS = Price("SSM standard parameters", 0.00, "parameter and month")

ALL = (
    REQUESTS_TO_API,
    INVOCATIONS,
    *DURATION.values(),
    OPERATIONS,
    WRITTEN,
    KEPT,
    RESTORES,
    SNAPSHOTS,
    LOGS,
    ALARMS,
    METRICS,
    DASHBOARD,
    SECRETS,
)
