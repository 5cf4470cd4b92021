"""What an exchange is answered, and what of it an operator reads: predicted by the table, read off the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.rig import Answer

OK, TOOL_ERROR, ASKED, DOCUMENT, NOTHING = "result", "tool error", "question", "document", "no body"


@dataclass(frozen=True, slots=True)
class Expected:
    status: int
    says: str | int = OK
    """One of the words above, a JSON-RPC code, or the public code of a refusal."""
    reason: str | None = None
    """In the log, of a refusal or a denial."""
    logs: tuple[str, ...] = ()
    """Other messages of the log that are worse than INFO."""
    progress: int = 0
    """Notifications before the result."""

    def __str__(self) -> str:
        told = [f"{self.status} {self.says}", self.reason and f"reason {self.reason}", *self.logs]
        return ", ".join(word for word in [*told, self.progress and f"{self.progress} notifications"] if word)


def observed(answer: Answer, lines: Sequence[Mapping[str, Any]], tolerated: frozenset[str]) -> Expected:
    """The same of a real answer; `tolerated` are messages that may be there, as often as they like."""
    said, progress = _said(answer)
    reasons = [line["reason"] for line in lines if line["message"] in ("refused", "exchange") and "reason" in line]
    worse = [line for line in lines if line["level"] in ("WARNING", "ERROR", "CRITICAL")]
    messages = [line["message"] for line in worse if line["message"] not in {"refused", *tolerated}]
    return Expected(answer.status, said, reasons[0] if reasons else None, tuple(messages), progress)


def _said(answer: Answer) -> tuple[str | int, int]:
    if not answer.text:
        return NOTHING, 0
    *notifications, body = answer.messages
    if not isinstance(body, dict) or "jsonrpc" not in body:
        return (body["error"] if isinstance(body, dict) and "error" in body else DOCUMENT), 0
    if "error" in body:
        return body["error"]["code"], len(notifications)
    result = body["result"]
    kind = ASKED if result.get("resultType") == "input_required" else TOOL_ERROR if result.get("isError") else OK
    return kind, len(notifications)
