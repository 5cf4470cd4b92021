"""The log: one JSON line per event, through Powertools; every module's `logging` ends up here."""

import logging
import os

from aws_lambda_powertools import Logger

from app.log_line import LineFormatter

SERVICE = "workos-mcp-lambda"

# RFC 3339: of a line whose time is written otherwise, Lambda does not read the level ("Log-level filtering").
logger = Logger(
    service=SERVICE,
    logger_formatter=LineFormatter(use_rfc3339=True, utc=True, service=SERVICE, sampling_rate=None),
)
_DEFAULT_LEVEL = logger.log_level


def configure() -> None:
    """Send what app/ and its protocol SDK log through the same formatter, so that all lines carry the ids."""
    # Nobody reads them here, and each line would look for them (logging HOWTO, "Optimization").
    for name in ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks"):
        setattr(logging, name, False)
    level = _level()
    logging.getLogger(SERVICE).setLevel(level)
    for name in ("app", "mcp", "mangum"):
        room = logging.getLogger(name)
        room.handlers = [logger.registered_handler]
        room.propagate = False
        room.setLevel(level)
    # A quieter log is no wish for an end of the audit: records are lines of their own kind.
    logging.getLogger("app.record").setLevel(logging.INFO)
    # Mangum's line per request says less than ours.
    logging.getLogger("mangum").setLevel(logging.WARNING)


def identify(invocation: dict[str, str | None]) -> None:
    """Put the ids of this invocation on every line that it causes."""
    # A context variable, which each task copies: work that is left behind keeps the ids of its own call.
    logger.thread_safe_append_keys(**invocation)


def _level() -> int:
    """POWERTOOLS_LOG_LEVEL, where it is set; Powertools lets Lambda's own filter win, which drops records too."""
    wanted = os.environ.get("POWERTOOLS_LOG_LEVEL", "").upper()
    return logging.getLevelNamesMapping().get(wanted, _DEFAULT_LEVEL)
