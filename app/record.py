"""One log line per exchange: who called what, how it ended, how long it took. Never a token, never a value."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from app.auth import Session

logger = logging.getLogger(__name__)


class ExchangeRecord:
    """Collects what the line says while the exchange runs."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._started = time.perf_counter()
        self._fields: dict[str, str | int] = {}
        self.outcome = "ok"

    def called(self, method: str | None, tool: str | None) -> None:
        """Names that this server knows; anything else is the caller's own text and None here."""
        self._fields["method"] = method or "unknown"
        if tool is not None:
            self._fields["tool"] = tool

    def failed(self, outcome: str, code: int) -> None:
        self.outcome = outcome
        self._fields["code"] = code

    def answered(self, result: Mapping[str, Any]) -> None:
        if result.get("isError"):
            self.outcome = "tool_error"

    def write(self, status: int) -> None:
        logger.info(
            "exchange",
            extra={
                **self._fields,
                **caller_ids(self._session),
                "outcome": self.outcome,
                "status": status,
                "ms": round((time.perf_counter() - self._started) * 1000, 2),
            },
        )


def caller_ids(session: Session) -> dict[str, str | bool | None]:
    """The caller as ids: enough to find a person in WorkOS, nothing that could be used to log in."""
    return {
        "user_id": session.user_id,
        "organization_id": session.organization_id,
        "client_id": session.client_id,
        "session_id": session.session_id,
        "token_id": session.token_id,
        "is_machine": session.is_machine,
    }
