"""A body that is small to send must be small to read: one exchange has bounds of CPU time and of memory.

`make bounds` measures the same shapes under AWS's runtime client (docs/failures.md).
"""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from app.protocol.wire.message import MAX_CONTAINERS, MAX_VALUES
from app.protocol.wire.post import MAX_BODY_BYTES
from tests.blocks import ROOT

MAX_CPU_SECONDS = 1.5
"""The bound is 0.5 s; what shares a processor with others is charged for some of what they do to its caches."""
MAX_MIB = 150
BEFORE_THE_BOUNDS = {"all lists that are read": 3 * MAX_CONTAINERS - 600, "all numbers": 2 * MAX_VALUES - 600}
SIZES = {**BEFORE_THE_BOUNDS, "all bytes": MAX_BODY_BYTES}

pytestmark = [
    pytest.mark.broad,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="weighs each body in a process of its own"),
]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_no_body_costs_much_and_the_next_call_is_served(size: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.weigh", str(size)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    weights: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(weights) > 150
    heavy = [each for each in weights if each["cpu"] > MAX_CPU_SECONDS or each["memory"] > MAX_MIB]
    assert heavy == []
    assert [each for each in weights if each["status"] not in (200, 202, 400, 404, 413)] == []
    assert [each for each in weights if not each["next_is_right"]] == []
    assert [each for each in weights if "unexpectedly" in each["text"]] == []
