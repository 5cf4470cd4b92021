"""One run from its warm-up to its report."""

import importlib
import io
import logging
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.runtime.logs import logger
from bench.endurance.memory import Sample, Traced, sample, traced
from bench.endurance.report import Report
from bench.endurance.run import Run
from bench.endurance.world import world

FULL = 1300
"""Callers, of whom an environment remembers a thousand."""
STEPS = 60
"""Samples of one run, at most."""


def endure(exchanges: int, seed: int, *, tell: Callable[[str], object] = lambda text: None) -> Report:
    """Its first fifth warms up. Memory is traced in the last tenth: tracing takes time, and memory itself."""
    importlib.import_module("app.workos.transport")  # it takes as long as the first lookup may
    with captured() as log, world(seed) as around:
        run = Run(around, log)
        run.fill(FULL)
        run.exchanges(exchanges // 5)
        samples = [_told(run, tell)]
        step = max(1, exchanges // STEPS)
        while run.done < exchanges * 9 // 10:
            run.exchanges(min(step, exchanges * 9 // 10 - run.done))
            samples.append(_told(run, tell))
        return Report(run, samples, _traced(run, exchanges - run.done))


@contextmanager
def captured() -> Iterator[io.StringIO]:
    """The function's log."""
    handler, written = logger.registered_handler, io.StringIO()
    assert isinstance(handler, logging.StreamHandler)
    usual = handler.setStream(written)
    yield written
    if usual is not None:
        handler.setStream(usual)


def _told(run: Run, tell: Callable[[str], object]) -> Sample:
    taken = sample(run.done)
    tell(f"{run.done:,}: {taken.resident:,} KiB, {taken.objects:,} objects, {len(run.wrong)} not predicted")
    return taken


def _traced(run: Run, exchanges: int) -> Traced:
    """The first fifth of them fills what is filled by use, and was allocated before the tracing."""
    tracemalloc.start()
    try:
        run.exchanges(exchanges // 5)
        sample(run.done)
        before = tracemalloc.take_snapshot()
        run.exchanges(exchanges - exchanges // 5)
        sample(run.done)
        return traced(before, tracemalloc.take_snapshot(), exchanges - exchanges // 5)
    finally:
        tracemalloc.stop()
