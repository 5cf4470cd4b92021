"""The call that authors are given, while a request is being served."""

from typing import Any

from app.authoring.call import Call, Level
from app.protocol.wire.deadline import Deadline
from app.protocol.wire.notifications import Notifications


class LiveCall(Call):
    """Says things into the reply, and knows the deadline."""

    def __init__(self, notifications: Notifications, deadline: Deadline) -> None:
        self._notifications = notifications
        self._deadline = deadline

    async def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        self._notifications.progress(done, total, message)

    async def log(self, level: Level, data: Any, logger: str | None = None) -> None:
        self._notifications.log(level, data, logger)

    def time_left(self) -> float:
        return self._deadline.left()
