"""What became of the calls of one simulation."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Outcome:
    arrived: int = 0
    throttled_by_gateway: int = 0
    throttled_by_lambda: int = 0
    started: int = 0
    cold: int = 0
    peak: int = 0
    asked: int = 0
    """Answered calls that needed the API key."""
    without_secret: int = 0
    """Those of them that got a tool error, because SSM refused."""
    latencies: list[float] = field(default_factory=list)
    """Seconds from arrival to answer, of every call that was answered; sorted when the simulation ends."""
    ssm: Counter[int] = field(default_factory=Counter)
    """Requests to SSM by second."""
    key_fetches: Counter[int] = field(default_factory=Counter)

    @property
    def answered(self) -> int:
        return len(self.latencies)

    @property
    def busy_seconds(self) -> float:
        """Of all environments together: nothing waits anywhere else."""
        return sum(self.latencies)

    def milliseconds(self, quantile: float) -> float:
        """The latency that this share of the answers does not exceed."""
        return 1000 * self.latencies[min(self.answered - 1, int(quantile * self.answered))]
