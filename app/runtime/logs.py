"""The log: one JSON line per event, through Powertools; every module's `logging` ends up here."""

import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from app.runtime.log_handler import LineHandler

SERVICE = "workos-mcp-lambda"

QUIET = (
    *("boto3", "botocore", "s3transfer", "urllib3", "requests"),
    *("httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "hpack", "aiohttp", "anyio", "asyncio"),
    *("workos", "mcp", "mangum", "fastapi", "starlette", "sse_starlette", "uvicorn", "jwt"),
    "aws_lambda_powertools",
)
"""Libraries that this server uses or that a tool is likely to use. Below WARNING they write what they send and
receive: API keys, decrypted parameters, values of callers."""

# Lambda has a level more than Python, and Powertools fails over a name that Python does not know.
logging.addLevelName(logging.DEBUG // 2, "TRACE")
with warnings.catch_warnings():
    # Powertools warns if the function's level and Lambda's differ. Here they are meant to: see _level.
    warnings.simplefilter("ignore")
    logger = Logger(
        service=SERVICE,
        logger_handler=LineHandler(sys.stdout),
        # RFC 3339: if the time is written otherwise, Lambda does not read the level ("Log-level filtering").
        logger_formatter=LambdaPowertoolsFormatter(
            use_rfc3339=True, utc=True, service=SERVICE, sampling_rate=None
        ),
    )
_DEFAULT_LEVEL = logger.log_level


def configure() -> None:
    """Send every logger's records through the one handler: those of app/ at the level that is set, others from
    WARNING on."""
    # Nobody reads them here, and each line would look for them (logging HOWTO, "Optimization").
    for name in ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks"):
        setattr(logging, name, False)
    level = _level()
    for name in (SERVICE, "app"):
        room = logging.getLogger(name)
        room.handlers = [logger.registered_handler]
        room.propagate = False
        room.setLevel(level)
    # A quieter log is no wish for an end of the audit: records are lines of their own kind.
    logging.getLogger("app.audit.record").setLevel(logging.INFO)
    _take_over_the_rest()


class _Relay(logging.Handler):
    """The root logger's way to the one handler.

    A Powertools logger of a team's own adds a filter to the root logger's handlers, by which they drop all loggers
    with its name in theirs. The audit records must not pass such a filter.
    """

    def emit(self, record: logging.LogRecord) -> None:
        logger.registered_handler.handle(record)


_OURS = [logging.getLogger(name) for name in (None, SERVICE, "app", "app.audit.record")]


def _take_over_the_rest() -> None:
    """Libraries, and Python's warnings."""
    root = logging.getLogger()
    # Instead of the runtime's handler, whose lines have another form and, with LogFormat Text, line breaks.
    root.handlers = [_Relay()]
    root.setLevel(logging.WARNING)
    for name in QUIET:
        # Children that are made later inherit it, also if somebody sets the root logger to DEBUG.
        logging.getLogger(name).setLevel(logging.WARNING)
    # A handler that somebody adds prints no traceback when it fails.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)


@contextmanager
def logging_put_back() -> Iterator[None]:
    """Put back what a call changed of logging, such as `logging.disable()`: it would silence every later call."""
    before = _state()
    try:
        yield
    finally:
        if _state() != before:
            disabled, states = before
            logging.disable(disabled)
            for each, (handlers, filters, level, propagate, is_disabled) in states.items():
                each.handlers[:], each.filters[:] = handlers, filters
                each.setLevel(level)
                each.propagate, each.disabled = propagate, is_disabled


def _state() -> tuple[int, dict[logging.Logger, tuple[Any, ...]]]:
    """As far as our own lines depend on it."""
    states = {
        each: (tuple(each.handlers), tuple(each.filters), each.level, each.propagate, each.disabled)
        for each in _OURS
    }
    return logging.root.manager.disable, states


def replace_hooks() -> None:
    """Log what Python would print as a traceback of many lines, with a caller's text in it perhaps."""
    # Only Python's own hooks: a test runner or a debugger has others.
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _log_unraisable
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_uncaught
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _log_end


def _log_unraisable(unraisable: Any) -> None:
    """An exception in `__del__`, or in another place from which none can be raised."""
    _log("exception ignored", unraisable.exc_type, unraisable.exc_value, unraisable.exc_traceback)


def _log_uncaught(uncaught: Any) -> None:
    """An exception that ended a thread."""
    if uncaught.exc_type is not SystemExit:
        _log("thread failed", uncaught.exc_type, uncaught.exc_value, uncaught.exc_traceback)


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An exception that ends the process."""
    _log("process failed", kind, error, trace)


def _log(message: str, *raised: Any) -> None:
    logging.getLogger(__name__).error(message, exc_info=raised)


def identify(invocation: dict[str, str | None]) -> None:
    """Put the ids of this invocation on every line that it causes."""
    # A context variable, which each task copies: work that is left behind keeps the ids of its own call.
    logger.thread_safe_append_keys(**invocation)


def _level() -> int:
    """POWERTOOLS_LOG_LEVEL, where it is set; Powertools lets Lambda's own filter win, which drops records too."""
    wanted = os.environ.get("POWERTOOLS_LOG_LEVEL", "").upper()
    return logging.getLevelNamesMapping().get(wanted, _DEFAULT_LEVEL)
