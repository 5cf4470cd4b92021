"""Notifications of one call: kept within bounds, sent before its result; and how the SDK and authors send them."""

import json
import logging
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from typing import Any, TypeAlias, get_args

import anyio
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.jsonrpc_dispatcher import progress_token_from_params
from mcp.shared.transport_context import TransportContext
from mcp_types import ProgressToken, RequestId
from pydantic_core import to_jsonable_python

from app.authoring.call import Call, Level
from app.protocol.wire.deadline import Deadline
from app.protocol.wire.message import RpcRequest

logger = logging.getLogger(__name__)

MAX_NOTIFICATIONS = 200
"""For one call. All of them arrive together, at its end, so more of them tell nobody more."""
MAX_TOTAL_BYTES = 256 * 1024
"""Of all notifications of one call."""
MAX_NOTIFICATION_BYTES = 16 * 1024
LEVELS: tuple[Level, ...] = get_args(Level)

_TRANSPORT = TransportContext(kind="streamable-http", can_send_request=False)

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


@dataclass
class PostContext:
    """The SDK's DispatchContext for one POST. Only the one reply goes back to the client."""

    request_id: RequestId
    notifications: Notifications
    """Sent with the reply."""
    transport: TransportContext = _TRANSPORT
    # Not the HTTP request, as in the SDK: a tool could read the bearer token off its headers.
    message_metadata: None = None
    can_send_request: bool = False

    @cached_property
    def cancel_requested(self) -> anyio.Event:
        """Never set: a client cannot ask for it, because each POST is a request of its own."""
        return anyio.Event()

    @classmethod
    def for_request(cls, request: RpcRequest, level: Level | None) -> "PostContext":
        """`level` is the least level of the log messages that the client wants; None: it wants none."""
        return cls(request.id, Notifications(progress_token_from_params(request.params), level))

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        members = params or {}
        if method == "notifications/message":  # of the SDK's own Context: the client's level holds there too
            self.notifications.add_log(members["level"], members.get("data"), members.get("logger"))
        else:
            self.notifications.add(method, members)

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        self.notifications.add_progress(progress, total, message)


def _name_type(value: Any) -> str:
    return f"<{type(value).__name__}>"


def _dump(method: str, params: Mapping[str, Any]) -> str:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(message, separators=(",", ":"), allow_nan=False)
