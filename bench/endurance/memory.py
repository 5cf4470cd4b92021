"""What the process holds, and whether it grows: by the kernel, by the collector, and by line of code."""

import asyncio
import ctypes
import gc
import os
import sys
import threading
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
MOST_RESIDENT = 16.0
"""KiB for 1,000 exchanges: 1.6 MB for all of them, which is noise of the allocator."""
MOST_OBJECTS = 10.0
"""Objects for 1,000 exchanges: one that every exchange of a rare row leaves behind is more, with what it holds."""
MOST_BLOCKS = 50.0
"""Blocks for 1,000 exchanges, of all that Python allocates: with texts and numbers, unlike the collector's."""
TOP = 8


@dataclass(frozen=True, slots=True)
class Sample:
    exchanges: int
    resident: int
    """KiB, as /proc/self/statm has it."""
    objects: int
    """That the collector knows, once it has collected."""
    blocks: int
    """That the interpreter has allocated."""
    tasks: int
    """Of the event loop, between two invocations."""
    descriptors: int
    threads: int


def sample(exchanges: int) -> Sample:
    gc.collect()
    _give_back()
    return Sample(
        exchanges,
        int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KIB,
        len(gc.get_objects()),
        sys.getallocatedblocks(),
        len(asyncio.all_tasks(asyncio.get_event_loop())),
        len(os.listdir("/proc/self/fd")),
        threading.active_count(),
    )


def _give_back() -> None:
    """What is free already, and only the C library has not returned yet: one answer of megabytes is no growth."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc's
        trim(0)


def growth(samples: Sequence[Sample], of: str) -> float:
    """For 1,000 exchanges, by the median of all pairs (Theil and Sen): one large answer is no growth."""
    slopes: list[float] = [
        (getattr(later, of) - getattr(earlier, of)) / (later.exchanges - earlier.exchanges) * 1000
        for earlier, later in combinations(samples, 2)
    ]
    return median(slopes)


@dataclass(frozen=True, slots=True)
class Traced:
    """What was allocated between two exchanges and is still there, if only in the place of something older."""

    exchanges: int
    lines: tuple[str, ...]
    """The lines of code that hold most of it, as Markdown."""


def traced(before: tracemalloc.Snapshot, after: tracemalloc.Snapshot, exchanges: int) -> Traced:
    filters = [tracemalloc.Filter(False, tracemalloc.__file__), tracemalloc.Filter(False, __file__)]
    changed = after.filter_traces(filters).compare_to(before.filter_traces(filters), "lineno")
    top = sorted(changed, key=lambda each: -each.size_diff)[:TOP]
    lines = tuple(
        f"`{_short(each.traceback[0].filename)}:{each.traceback[0].lineno}` | {each.size_diff / 1024:+.1f} | "
        f"{each.count_diff:+d}"
        for each in top
        if each.size_diff > 0
    )
    return Traced(exchanges, lines)


def _short(file: str) -> str:
    parts = Path(file).parts
    return "/".join(parts[-4:])
