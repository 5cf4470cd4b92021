"""The log: one JSON line per event, through Powertools; every module's `logging` ends up here."""

import logging

from aws_lambda_powertools import Logger

SERVICE = "workos-mcp-lambda"

logger = Logger(service=SERVICE)


def configure() -> None:
    """Send what app/ and its protocol SDK log through the same formatter, so that all lines carry the ids."""
    for name in ("app", "mcp", "mangum"):
        room = logging.getLogger(name)
        room.handlers = [logger.registered_handler]
        room.propagate = False
        room.setLevel(logger.log_level)
    # Mangum's line per request says less than ours.
    logging.getLogger("mangum").setLevel(logging.WARNING)


def identify(invocation: dict[str, str | None]) -> None:
    """Put the ids of this invocation on every line until the next one."""
    logger.append_keys(**invocation)
