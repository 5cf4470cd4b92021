"""The audit record: one log line per exchange, of who called what, how it ended and how long it took.

Never a token; of arguments the names, and the values that their author chose to show.
"""

import json
import logging
import time
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from app.access.grants import SOURCES
from app.audit.arguments import Scalar, show
from app.audit.caller import caller_ids
from app.audit.metrics import CallMetrics
from app.audit.trace import traceparent
from app.auth.session import Session
from app.current import Slot

logger = logging.getLogger(__name__)

Outcome: TypeAlias = Literal["ok", "asked", "accepted", "denied", "error", "rejected", "tool_error"]

_USES = {"tools/call": "tool", "prompts/get": "prompt", "resources/read": "resource"}
"""Methods by which a caller uses something, and the field that names it."""
REASONS = frozenset(
    {
        *("missing_scope", "missing_permission", "missing_role", "missing_flag", "no_organization"),
        *("wrong_caller", "check_failed", "undecidable", "quota", "quota_unavailable"),
        *("state_unreadable", "state_caller", "state_call", "state_expired"),
    }
)
"""Why a call was denied. They are a metric's dimension: any other would be "other"."""
REDACTED = "[redacted]"


class ExchangeRecord:
    """Collects what the line says while the exchange runs."""

    def __init__(self, session: Session, metrics: CallMetrics) -> None:
        self._session = session
        self._metrics = metrics
        self._started = time.perf_counter()
        self._fields: dict[str, Any] = {}
        self._kind: str | None = None
        self._opened: dict[str, str] = {}
        # Until somebody says otherwise: a cancelled exchange was none that went well.
        self._outcome: Outcome = "error"
        self.is_hidden = False

    @property
    def is_unvalidated(self) -> bool:
        """Whether there are arguments to show once they are validated."""
        return bool(self._opened)

    @property
    def is_use(self) -> bool:
        """Whether a tool, a prompt or a resource is what the caller asked for."""
        return self._kind is not None

    def called(self, method: str | None, name: str | None = None) -> None:
        """Names that this server knows; anything else is the caller's own text and None here."""
        self._fields["method"] = method or "unknown"
        self._kind = _USES.get(method or "")
        if self._kind and name is not None:
            self._fields[self._kind] = name

    def traced(self, *candidates: object) -> None:
        """The client's trace, from wherever it may have put it."""
        if (found := traceparent(*candidates)) is not None:
            self._fields["traceparent"] = found

    def arguments(
        self,
        names: Collection[str],
        shown: Mapping[str, Scalar],
        unknown: int,
        opened: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """What `describe` made of the call's arguments.

        Those in `opened` are shown once they are validated: from the name that callers give to the function's own.
        """
        self._opened = {name: own for name, own in opened.items() if name in names}
        self._fields["arguments"] = {name: shown.get(name, REDACTED) for name in names}
        if unknown:
            self._fields["unknown_arguments"] = unknown

    def validated(self, arguments: Mapping[str, Any], *, as_text: bool = False) -> None:
        """The call's arguments fit, and these are their values; `as_text` where the wire has nothing but text."""
        for name, own in self._opened.items():
            value = show(arguments[own])
            is_text = isinstance(value, str) or not as_text
            self._fields["arguments"][name] = value if is_text else json.dumps(value)
        self._opened = {}

    def decided(self, source: str) -> None:
        """Where the facts of a permission decision came from; of several, the farthest is recorded."""
        before = self._fields.get("decision_source", SOURCES[0])
        if source in SOURCES[SOURCES.index(before) :]:
            self._fields["decision_source"] = source

    def denied(self, reason: str, *, hidden: bool = False, needs: str | None = None) -> None:
        """The caller may not; whatever the answer looks like, that is the outcome.

        `needs` says what the caller lacks, in the words of the tool's author and this server. What is hidden from
        them is answered as what does not exist, so it must not take longer either.
        """
        self.is_hidden = hidden
        self._fields["reason"] = reason if reason in REASONS else "other"
        if needs is not None:
            self._fields["needs"] = needs
        self._outcome = "denied"

    def failed(self, outcome: Literal["error", "rejected"], code: int) -> None:
        self._fields["code"] = code
        self._end(outcome)

    def accepted(self) -> None:
        """A notification or a response: nothing is answered."""
        self._end("accepted")

    def answered(self, result: Mapping[str, Any]) -> None:
        if result.get("resultType") == "input_required":
            self._end("asked")  # nothing was done yet
        else:
            self._end("tool_error" if result.get("isError") else "ok")

    def write(self, status: int) -> Mapping[str, Any]:
        """Write the line, and give what it says."""
        milliseconds = round((time.perf_counter() - self._started) * 1000, 2)
        line = {
            **self._fields,
            **caller_ids(self._session),
            "outcome": self._outcome,
            "status": status,
            "ms": milliseconds,
        }
        if self._kind is not None:
            line |= self._metrics.members(
                self._kind if self._kind in line else None,
                denied="reason" in line,
                milliseconds=milliseconds,
            )
        logger.info("exchange", extra=line)
        return line

    def _end(self, outcome: Outcome) -> None:
        if self._outcome != "denied":
            self._outcome = outcome


_current: Slot[ExchangeRecord] = Slot("record")


def get_record() -> ExchangeRecord:
    """The record of the exchange that is being served.

    Raises:
        LookupError: there is none: bind one in your test (`bind_record`).
    """
    return _current.get()


def bind_record(record: ExchangeRecord) -> ExchangeRecord:
    """Make it the record for the rest of this request's context."""
    return _current.bind(record)
