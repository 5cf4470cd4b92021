"""The loads of docs/scaling.md, and what its text advises for each."""

from dataclasses import dataclass

from bench.scaling.limits import Setup, most, shipped

RATES = (1, 100, 10_000)
TOOLS = (0, 50, 500)
"""What a tool takes itself, in ms."""
USUAL_TOOL = 50
MEMORY = 1024


@dataclass(frozen=True, slots=True)
class Advice:
    """Parameters of template.yaml, and the account's quota of concurrency."""

    throttle_rate: int
    throttle_burst: int
    quota: int

    @property
    def setup(self) -> Setup:
        return Setup(self.throttle_rate, self.throttle_burst, self.quota)


# The burst holds what 1,000 clients send when they come back.
ADVICE = {
    1: Advice(int(shipped("ThrottleRate")), 3000, 1000),
    100: Advice(300, 3000, 1000),
    # The most that template.yaml takes. The quota holds what a deploy starts, and the rest of the account.
    10_000: Advice(int(most("ThrottleRate")), int(most("ThrottleBurst")), 10_000),
}
