"""What belongs to the whole process, such as signal handlers: no call may leave it changed for the next."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (
    *(signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGINT, signal.SIGTERM),
    *(signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2),
)
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_TIMER_TOLERANCE_SECONDS = 0.01
"""How far a timer of the host may differ from what we count that is left of it."""


class ProcessState:
    """Signal handlers, timers and the recursion limit.

    The signal handlers to put back are those of the moment when this object is made. Reading them before every
    call as well would take some microseconds of each.
    """

    def __init__(self) -> None:
        self._handlers = [(number, signal.getsignal(number)) for number in _SIGNALS]

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Undo what the code inside changed. An alarm that a call set would go off in the middle of another."""
        began, timers = time.monotonic(), [signal.getitimer(timer) for timer in _TIMERS]
        depth = sys.getrecursionlimit()
        try:
            yield
        finally:
            passed = time.monotonic() - began
            for timer, before in zip(_TIMERS, timers, strict=True):
                _put_back_timer(timer, before, passed)
            if threading.current_thread() is threading.main_thread():  # no other thread can set a handler
                self._put_back_handlers()
            sys.setrecursionlimit(depth)

    def _put_back_handlers(self) -> None:
        for number, handler in self._handlers:
            # None is a handler that was not set from Python, and cannot be.
            if signal.getsignal(number) is not handler and handler is not None:
                signal.signal(number, handler)


def _put_back_timer(timer: int, before: tuple[float, float], passed: float) -> None:
    """`before` is what was left of it and its interval, `passed` how long ago that was; all in seconds."""
    (left, interval), now = before, signal.getitimer(timer)[0]
    if not left:
        if now:  # the call set it
            signal.setitimer(timer, 0.0)
    elif timer == signal.ITIMER_REAL:
        # The other two count the CPU time of this process, which is not measured here: the host's are left alone.
        expected = max(left - passed, 0.001)
        if abs(now - expected) > _TIMER_TOLERANCE_SECONDS:
            signal.setitimer(timer, expected, interval)
