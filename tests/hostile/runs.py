"""How many examples a run of the hostile suite tries, and which: `make hostile SEED= EXAMPLES=`."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "0"))
SEED = int(os.environ.get("HOSTILE_SEED", "0"))


def any_of(usual: int) -> settings:
    """`usual` examples, always the same ones, unless the environment asks for others."""
    return settings(
        max_examples=EXAMPLES or usual,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,  # what counts is the answer's own CPU time
        suppress_health_check=list(HealthCheck),
    )
