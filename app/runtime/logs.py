"""The log: one JSON line per event, through Powertools. The `logging` of every module comes here."""

import json
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
"""The name on each line until `name_service` gives the server's own, and the name of Powertools' logger."""

QUIET_LIBRARIES = (
    *("boto3", "botocore", "s3transfer", "urllib3", "requests"),
    *("httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "hpack", "aiohttp", "anyio", "asyncio"),
    *("workos", "mcp", "mangum", "fastapi", "starlette", "sse_starlette", "uvicorn", "jwt"),
    "aws_lambda_powertools",
)
"""Libraries that this server uses, or that a tool is likely to use. Below WARNING they log what they send
and receive: API keys, decrypted parameters, values of callers."""

# As Powertools would write the line, but made once: json.dumps() with options makes an encoder at every call.
_ENCODER = json.JSONEncoder(default=str, separators=(",", ":"), ensure_ascii=False)


def _read_message(text: str) -> Any:
    """A message that is a JSON object or array becomes that value, as Powertools does it.

    Powertools tries to parse every message, which is slow for one that is not JSON, as nearly all are.

    Raises:
        ValueError: it only begins like JSON. Powertools then writes it as text.
    """
    return json.loads(text) if text.startswith(("{", "[")) else text


# Lambda has this level and Python does not, and Powertools fails for a name that Python does not know.
logging.addLevelName(logging.DEBUG // 2, "TRACE")
with warnings.catch_warnings():
    # Powertools warns if the function's level and Lambda's differ. Here that is intended: see _read_level.
    warnings.simplefilter("ignore")
    logger = Logger(
        service=SERVICE,
        logger_handler=LineHandler(sys.stdout),
        # Lambda reads the level only of lines with a time of RFC 3339 (Lambda guide, "Log-level filtering").
        logger_formatter=LambdaPowertoolsFormatter(
            use_rfc3339=True,
            utc=True,
            service=SERVICE,
            sampling_rate=None,
            json_serializer=_ENCODER.encode,
            json_deserializer=_read_message,  # type: ignore[arg-type]  # Powertools declares it the other way round
        ),
    )
_DEFAULT_LEVEL = logger.log_level


def name_service(name: str) -> None:
    """Put this name on every line, as its `service`."""
    logger.append_keys(service=name)


def configure() -> None:
    """Send the records of all loggers through one handler: app/ at the set level, others from WARNING on."""
    # No line has these fields, and logging would look them up for each (logging HOWTO, "Optimization").
    for name in ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks"):
        setattr(logging, name, False)
    level = _read_level()
    for name in (SERVICE, "app"):
        room = logging.getLogger(name)
        room.handlers = [logger.registered_handler]
        room.propagate = False
        room.setLevel(level)
    # Audit records are written at every log level, and with them the metrics.
    for name in _AUDIT:
        logging.getLogger(name).setLevel(logging.INFO)
    _take_over_the_rest()


class _Relay(logging.Handler):
    """Passes records of the root logger to the one handler.

    It keeps filters away from that handler. A Powertools logger of a team adds one to the handlers of the root
    logger, which drops the records of all loggers whose name contains the team's: audit records could be among
    them.
    """

    def emit(self, record: logging.LogRecord) -> None:
        logger.registered_handler.handle(record)


_AUDIT = ("app.audit.record", "app.audit.work")
_OUR_LOGGERS = [logging.getLogger(name) for name in (None, SERVICE, "app", *_AUDIT)]


def _take_over_the_rest() -> None:
    """Take the records of libraries, and Python's warnings."""
    root = logging.getLogger()
    # In place of the handler of Lambda's runtime, whose lines have another form and may have line breaks.
    root.handlers = [_Relay()]
    root.setLevel(logging.WARNING)
    for name in QUIET_LIBRARIES:
        # Loggers below it inherit this level, even if somebody sets the root logger to DEBUG.
        logging.getLogger(name).setLevel(logging.WARNING)
    # So a handler that somebody adds does not print a traceback when it fails.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)


@contextmanager
def logging_put_back() -> Iterator[None]:
    """Put back what a call changed of logging, such as `logging.disable()`: it would silence every later call."""
    before = _read_state()
    try:
        yield
    finally:
        if _read_state() != before:
            disabled, states = before
            logging.disable(disabled)
            for each, (handlers, filters, level, propagate, is_disabled) in states.items():
                each.handlers[:], each.filters[:] = handlers, filters
                each.setLevel(level)
                each.propagate, each.disabled = propagate, is_disabled


def _read_state() -> tuple[int, dict[logging.Logger, tuple[Any, ...]]]:
    """The part of logging's state on which our own lines depend."""
    states = {
        each: (tuple(each.handlers), tuple(each.filters), each.level, each.propagate, each.disabled)
        for each in _OUR_LOGGERS
    }
    return logging.root.manager.disable, states


def replace_hooks() -> None:
    """Log what Python would print as a traceback of many lines, perhaps with a caller's text in it."""
    # Python's own hooks alone: a test runner or a debugger may have set others.
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _log_unraisable
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_uncaught
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _log_end


def _log_unraisable(unraisable: Any) -> None:
    """An exception in `__del__`, or in another place that cannot raise one."""
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
    # Powertools keeps them in a context variable, so work that a call leaves behind keeps the ids of its call.
    logger.thread_safe_append_keys(**invocation)


def _read_level() -> int:
    """The level of POWERTOOLS_LOG_LEVEL, if it is set.

    By itself Powertools lets Lambda's own log level win, which would drop audit records as well.
    """
    wanted = os.environ.get("POWERTOOLS_LOG_LEVEL", "").upper()
    return logging.getLevelNamesMapping().get(wanted, _DEFAULT_LEVEL)
