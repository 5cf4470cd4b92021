"""What a call says while it runs: kept, within bounds, until it goes out before the result."""

import json
import logging
import math
from collections import deque
from collections.abc import Mapping
from heapq import merge
from typing import Any, TypeAlias, get_args

from mcp_types import ProgressToken
from pydantic_core import to_jsonable_python

from app.authoring.call import Level

logger = logging.getLogger(__name__)

MOST = 200
"""Notifications for one call; all of them arrive at once, so more would tell nobody anything."""
MOST_BYTES = 256 * 1024
LONGEST = 16 * 1024
"""Bytes of one."""
LEVELS: tuple[Level, ...] = get_args(Level)

_Kept: TypeAlias = deque[tuple[int, str]]


class Notifications:
    """Of one exchange. Of what is too much the oldest progress goes first; the result never does."""

    def __init__(self, token: ProgressToken | None, level: Level | None) -> None:
        """Progress needs the client's token, log messages the least level that it wants; None: it wants none."""
        self._token = token
        self._least = len(LEVELS) if level is None else LEVELS.index(level)
        self._furthest = -math.inf
        self._progress: _Kept = deque()
        self._others: _Kept = deque()
        self._count = self._bytes = self._dropped = 0
        self._closed = False

    def progress(self, done: float, total: float | None, message: str | None) -> None:
        """The value MUST increase with each notification (2026-07-28, basic/patterns/progress; 2025-11-25 too)."""
        done = done if isinstance(done, int) else float(done)
        if self._token is None or not self._furthest < done < math.inf:
            return
        self._furthest = done
        said: dict[str, Any] = {"progressToken": self._token, "progress": done}
        if total is not None and math.isfinite(total):
            said["total"] = total if isinstance(total, int) else float(total)
        text = _frame("notifications/progress", said if message is None else {**said, "message": message})
        if len(text) > LONGEST:
            text = _frame("notifications/progress", said)
        # A token of megabytes would come back with every one: no client needs that.
        if len(text) <= LONGEST:
            self._keep(self._progress, text)

    def log(self, level: Level, data: Any, name: str | None) -> None:
        """At or above the wanted level alone (server/utilities/logging)."""
        if LEVELS.index(level) < self._least:
            return
        said: dict[str, Any] = {"level": level} if name is None else {"level": level, "logger": name}
        try:
            # As it is now: what changes later is not told. Of what JSON has not, the type's name alone.
            shown = to_jsonable_python(data, inf_nan_mode="null", bytes_mode="base64", fallback=_type_of)
            self.add("notifications/message", {**said, "data": shown})
        except (ValueError, RecursionError):  # it contains itself, or is too deep
            self.add("notifications/message", {**said, "data": _type_of(data)})

    def add(self, method: str, params: Mapping[str, Any]) -> None:
        """Any other than progress."""
        text = _frame(method, params)
        if len(text) > LONGEST:
            text = _frame(method, {**params, "data": f"[{len(text)} bytes, too many to send]"})
        self._keep(self._others, text)

    def close(self) -> list[str]:
        """All of them as JSON, in order. Nothing is taken after that: the spec has them stop with the result."""
        self._closed = True
        if self._dropped:
            logger.info("notifications dropped", extra={"dropped": self._dropped})
        return [text for _, text in merge(self._progress, self._others)] if self._count else []

    def _keep(self, kept: _Kept, text: str) -> None:
        if self._closed:
            return
        kept.append((self._count, text))
        self._count += 1
        self._bytes += len(text)
        while len(self._progress) + len(self._others) > MOST or self._bytes > MOST_BYTES:
            # The last progress stays: it says how far the call came.
            oldest = self._progress if len(self._progress) > 1 else self._others
            self._bytes -= len(oldest.popleft()[1])
            self._dropped += 1


def _type_of(value: Any) -> str:
    return f"<{type(value).__name__}>"


def _frame(method: str, params: Mapping[str, Any]) -> str:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(message, separators=(",", ":"), allow_nan=False)
