"""The log's line as Powertools lays it out, made in half the time: every exchange writes one."""

import json
import logging
from typing import Any

from aws_lambda_powertools.logging.formatter import RESERVED_LOG_ATTRS, LambdaPowertoolsFormatter

_RESERVED = frozenset(RESERVED_LOG_ATTRS)
# Powertools has one made for each line. What is no JSON is its own text, so that a class which hides a secret from
# that hides it here.
_encode = json.JSONEncoder(default=str, separators=(",", ":"), ensure_ascii=False).encode
_JSON_WORDS = ("true", "false", "null", "NaN", "Infinity")
# Their order is the line's; what they stand for is filled in below.
_LAYOUT = {"level": "%(levelname)s", "location": "%(funcName)s:%(lineno)d", "timestamp": "%(asctime)s"}.items()


class LineFormatter(LambdaPowertoolsFormatter):
    """Leaves to Powertools what is not of the plain kind; tests hold the two against each other."""

    def format(self, record: logging.LogRecord) -> str:
        if not self._is_plain(record):
            return super().format(record)
        line: dict[str, Any] = {
            **self.log_format,
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.msg,
            "timestamp": self.formatTime(record),
            **self.thread_safe_get_current_keys(),
            **{name: value for name, value in record.__dict__.items() if name not in _RESERVED},
            "xray_trace_id": self._get_latest_trace_id(),
        }
        return _encode({name: value for name, value in line.items() if value is not None})

    def _is_plain(self, record: logging.LogRecord) -> bool:
        if record.exc_info or record.args or "stack_trace" in record.__dict__ or self.json_indent is not None:
            return False
        # A message that may be JSON, such as `{"a": 1}` or `true`, is one that Powertools reads.
        is_text = (
            isinstance(record.msg, str) and record.msg[:1].isalpha() and record.msg.rstrip() not in _JSON_WORDS
        )
        return is_text and self.log_format.items() >= _LAYOUT
