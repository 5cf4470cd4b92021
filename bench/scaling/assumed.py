"""What nobody here can measure without an AWS account: each is a guess on the cautious side, and named as one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumed:
    """Milliseconds, unless it says otherwise."""

    # AWS: "as low as sub-second" (SnapStart guide); the figure is Restore Duration in REPORT lines. Not verified.
    restore: float = 400.0
    # Until INIT begins: a micro VM, the code. Not billed, in no log line. Not verified.
    placement: float = 150.0
    # TLS to AuthKit and back, twice across a continent. Not verified.
    jwks_network: float = 100.0
    # TLS to SSM in the same region, and its answer. Not verified.
    ssm_network: float = 50.0
    # AWS does not say how long an idle environment is kept; reports say 5 to 15 minutes.
    idle_seconds: float = 300.0
    # Lambda developer guide: environments end "every few hours", busy ones too. How many hours is not published.
    life_seconds: float = 2 * 3600.0
    # platform.start and platform.report of one call, from AWS's examples of JSON system logs, in bytes.
    platform_log: float = 600.0
    # The line that template.yaml's AccessLogSettings make of a call, in bytes.
    access_log: float = 400.0
