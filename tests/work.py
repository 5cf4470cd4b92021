"""How much work something is, counted in function calls and memory: no busy machine changes them."""

import asyncio
import gc
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

_LOOP = str(Path(asyncio.__file__).parent)
"""asyncio's own: it compares each new timer with those that other tests have left on the loop."""


def calls(work: Callable[[], object]) -> int:
    """Calls of functions in Python and in C, except the event loop's. Turns of a generator are calls as well."""
    count = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call") and not frame.f_code.co_filename.startswith(_LOOP)

    usual = sys.getprofile()
    gc.disable()  # its callbacks, such as a test library's, would be counted
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(usual)
        gc.enable()
    return count


def peak(work: Callable[[], object]) -> int:
    """Bytes that it holds at most at one time, of those that it takes itself."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        gc.enable()
