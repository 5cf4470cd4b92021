"""Notifications of one call. They are kept, within bounds, and sent before its result."""

import json
import logging
import math
from collections import deque
from collections.abc import Mapping
from heapq import merge
from typing import Any, TypeAlias, get_args

from mcp_types import ProgressToken
from pydantic_core import to_jsonable_python

from app.authoring.call import Call, Level
from app.protocol.wire.deadline import Deadline

logger = logging.getLogger(__name__)

MAX_NOTIFICATIONS = 200
"""For one call. All of them arrive together, at its end, so more of them tell nobody more."""
MAX_TOTAL_BYTES = 256 * 1024
"""Of all notifications of one call."""
MAX_NOTIFICATION_BYTES = 16 * 1024
LEVELS: tuple[Level, ...] = get_args(Level)

_Queue: TypeAlias = deque[tuple[int, str]]
"""Notifications as JSON, each with its place among all of the call."""


class Notifications:
    """The notifications of one exchange. If there are too many, the oldest progress is dropped first."""

    def __init__(self, token: ProgressToken | None, level: Level | None) -> None:
        """`token` is the client's for progress, `level` the least level of log messages; None: it wants none."""
        self._token = token
        self._least = len(LEVELS) if level is None else LEVELS.index(level)
        self._furthest = -math.inf
        self._progress: _Queue = deque()
        self._others: _Queue = deque()
        self._count = self._bytes = self._dropped = 0
        self._closed = False

    def add_progress(self, done: float, total: float | None, message: str | None) -> None:
        """The value MUST increase with each notification (2026-07-28, basic/patterns/progress; 2025-11-25 too)."""
        done = done if isinstance(done, int) else float(done)
        if self._token is None or not self._furthest < done < math.inf:
            return
        self._furthest = done
        params: dict[str, Any] = {"progressToken": self._token, "progress": done}
        if total is not None and math.isfinite(total):
            params["total"] = total if isinstance(total, int) else float(total)
        text = _dump("notifications/progress", params if message is None else {**params, "message": message})
        if len(text) > MAX_NOTIFICATION_BYTES:
            text = _dump("notifications/progress", params)
        # Left out if the client's own token is that long.
        if len(text) <= MAX_NOTIFICATION_BYTES:
            self._append(self._progress, text)

    def add_log(self, level: Level, data: Any, logger_name: str | None) -> None:
        """Only at or above the level that the client wants (server/utilities/logging)."""
        if LEVELS.index(level) < self._least:
            return
        params: dict[str, Any] = (
            {"level": level} if logger_name is None else {"level": level, "logger": logger_name}
        )
        try:
            # A copy, as the data is now. Of an object that JSON cannot hold, its type's name.
            json_data = to_jsonable_python(data, inf_nan_mode="null", bytes_mode="base64", fallback=_name_type)
            self.add("notifications/message", {**params, "data": json_data})
        except (ValueError, RecursionError):  # it contains itself, or is nested too deep
            self.add("notifications/message", {**params, "data": _name_type(data)})

    def add(self, method: str, params: Mapping[str, Any]) -> None:
        """Any notification but progress."""
        text = _dump(method, params)
        if len(text) > MAX_NOTIFICATION_BYTES:
            text = _dump(method, {**params, "data": f"[{len(text)} bytes, too many to send]"})
        self._append(self._others, text)

    def close(self) -> list[str]:
        """All of them as JSON, in order. Later ones are ignored: the spec has them stop with the result."""
        self._closed = True
        if self._dropped:
            logger.info("notifications dropped", extra={"dropped": self._dropped})
        return [text for _, text in merge(self._progress, self._others)] if self._count else []

    def _append(self, queue: _Queue, text: str) -> None:
        if self._closed:
            return
        queue.append((self._count, text))
        self._count += 1
        self._bytes += len(text)
        while len(self._progress) + len(self._others) > MAX_NOTIFICATIONS or self._bytes > MAX_TOTAL_BYTES:
            # The last progress stays: it says how far the call came.
            oldest = self._progress if len(self._progress) > 1 else self._others
            self._bytes -= len(oldest.popleft()[1])
            self._dropped += 1


class LiveCall(Call):
    """The call that authors get: it sends notifications with the reply, and knows the deadline."""

    def __init__(self, notifications: Notifications, deadline: Deadline) -> None:
        self._notifications = notifications
        self._deadline = deadline

    async def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        self._notifications.add_progress(done, total, message)

    async def log(self, level: Level, data: Any, logger: str | None = None) -> None:
        self._notifications.add_log(level, data, logger)

    def time_left(self) -> float:
        return self._deadline.seconds_left()


def _name_type(value: Any) -> str:
    return f"<{type(value).__name__}>"


def _dump(method: str, params: Mapping[str, Any]) -> str:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(message, separators=(",", ":"), allow_nan=False)
