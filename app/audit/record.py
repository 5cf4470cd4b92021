"""The audit record: one log line for each exchange, of who called what, how it ended and how long it took.

The line is at the same time the exchange's CloudWatch metrics. It never holds a token. Of arguments it holds the
names, and the values that their author chose to show.
"""

import json
import logging
import re
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from app.access.grants import SOURCES
from app.audit.arguments import ArgumentSummary, make_loggable, make_printable
from app.auth.session import Session
from app.current import Slot

logger = logging.getLogger(__name__)

Outcome: TypeAlias = Literal["ok", "asked", "accepted", "denied", "error", "rejected", "tool_error"]

_KIND_BY_METHOD = {"tools/call": "tool", "prompts/get": "prompt", "resources/read": "resource"}
KINDS = tuple(_KIND_BY_METHOD.values())
"""What a caller can use. Each is the field of the line that names it, and the dimension of its duration."""
REASONS = frozenset(
    {
        *("missing_scope", "missing_permission", "missing_role", "missing_flag", "no_organization"),
        *("wrong_caller", "check_failed", "undecidable", "quota", "quota_unavailable"),
        *("state_unreadable", "state_caller", "state_call", "state_expired"),
        *("work_unreadable", "work_caller", "work_expired", "work_gone"),
    }
)
"""Why a call was denied. A reason is a dimension of a metric, so every other one is written as "other"."""
REDACTED = "[redacted]"
MAX_IMPERSONATOR_CHARACTERS = 200

# W3C Trace Context section 3.2.2: version 00; neither id is all zeros.
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


class CallMetrics:
    """CloudWatch metrics of the exchanges, as fields of their lines (embedded metric format).

    They are calls by outcome, denials by reason, and milliseconds by what was called.
    Dimensions are outcomes, reasons and names of this server: their number is bounded. A user or an organisation
    is never one.
    """

    def __init__(self, namespace: str) -> None:
        # The directives are the same for every call; only the values on the line change.
        calls = make_directive(namespace, "Calls", MetricUnit.Count, (), ("outcome",))
        self._denied = [calls, make_directive(namespace, "Denied", MetricUnit.Count, ("reason",))]
        self._by_kind: dict[str | None, list[Any]] = {None: [calls]}
        for kind in KINDS:
            duration = make_directive(namespace, "Duration", MetricUnit.Milliseconds, (kind,))
            self._by_kind[kind] = [calls, duration]

    def make_fields(self, kind: str | None, *, denied: bool, milliseconds: float) -> dict[str, Any]:
        """What to add to a line that already has `outcome`, `reason` and the name of what was called.

        Args:
            kind: One of KINDS; None if the line names nothing.
            denied: A denied call adds no duration: it is short, and would make the tool look fast.
            milliseconds: How long the exchange took.
        """
        fields: dict[str, Any] = {
            "_aws": {
                "Timestamp": time.time_ns() // 1_000_000,
                "CloudWatchMetrics": self._denied if denied else self._by_kind[kind],
            },
            "Calls": 1,
        }
        if denied:
            fields["Denied"] = 1
        elif kind is not None:
            fields["Duration"] = milliseconds
        return fields


def make_directive(namespace: str, metric: str, unit: MetricUnit, *dimension_sets: tuple[str, ...]) -> Any:
    """The part of the format that names a metric, as Powertools writes it. The values in it do not matter."""
    provider = AmazonCloudWatchEMFProvider(namespace=namespace)
    first, *others = (dict.fromkeys(names, "any") for names in dimension_sets)
    for each in others:
        provider.add_dimensions(**each)
    line = provider.serialize_metric_set({metric: {"Unit": unit.value, "Value": [1]}}, first, {})
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    return directive


class ExchangeRecord:
    """Collects the fields of the line while the exchange runs, and writes it at the end."""

    def __init__(self, session: Session, metrics: CallMetrics) -> None:
        self._session = session
        self._metrics = metrics
        self._started = time.perf_counter()
        self._fields: dict[str, Any] = {}
        self._kind: str | None = None
        self._shown_later: dict[str, str] = {}
        # An exchange that is cancelled sets no outcome, and it did not go well.
        self._outcome: Outcome = "error"
        self.is_hidden = False
        """Whether the caller must not learn that what they called exists."""

    @property
    def is_unvalidated(self) -> bool:
        """Whether there are arguments to show once they are validated."""
        return bool(self._shown_later)

    @property
    def is_use(self) -> bool:
        """Whether the caller asked for a tool, a prompt or a resource."""
        return self._kind is not None

    def set_call(self, method: str | None, name: str | None = None) -> None:
        """Name the method and what it uses. Pass names that this server knows and None for any other text."""
        self._fields["method"] = method or "unknown"
        self._kind = _KIND_BY_METHOD.get(method or "")
        if self._kind and name is not None:
            self._fields[self._kind] = name

    def set_trace(self, *candidates: object) -> None:
        """Join the record to the client's own trace: the first candidate that is a W3C traceparent.

        Anything else is text of the caller, which the log does not repeat.
        """
        for each in candidates:
            if isinstance(each, str) and _TRACEPARENT.fullmatch(each):
                self._fields["traceparent"] = each
                return

    def set_arguments(
        self, summary: ArgumentSummary, shown_later: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Add the arguments of the call.

        `shown_later` has those to show once they are validated: the name that callers write, and the name of the
        function's parameter.
        """
        self._shown_later = {name: own for name, own in shown_later.items() if name in summary.names}
        self._fields["arguments"] = {name: summary.shown.get(name, REDACTED) for name in summary.names}
        if summary.unknown:
            self._fields["unknown_arguments"] = summary.unknown

    def show_validated(self, arguments: Mapping[str, Any], *, as_text: bool = False) -> None:
        """Fill in the values of `shown_later`; `as_text` where every value on the wire is text."""
        for name, own in self._shown_later.items():
            value = make_loggable(arguments[own])
            is_text = isinstance(value, str) or not as_text
            self._fields["arguments"][name] = value if is_text else json.dumps(value)
        self._shown_later = {}

    def set_decision_source(self, source: str) -> None:
        """Say where the facts of a permission decision came from; of several sources the farthest is recorded."""
        before = self._fields.get("decision_source", SOURCES[0])
        if source in SOURCES[SOURCES.index(before) :]:
            self._fields["decision_source"] = source

    def set_work(self, work_id: str) -> None:
        """Name background work: the call that began it and the worker's line of its end have one id."""
        self._fields["work"] = work_id

    def set_engine_failure(self, cause: str) -> None:
        """Say why the engine of background work did not do what was asked of it: a slug."""
        self._fields["engine"] = cause

    def mark_denied(self, reason: str, *, hidden: bool = False, needs: str | None = None) -> None:
        """The caller may not do this. No later outcome replaces this one, also if the answer is another.

        Args:
            reason: One of REASONS.
            hidden: The answer is that of something unknown, so it must not take longer than that one either.
            needs: What the caller lacks, in the words of the tool's author and of this server.
        """
        self.is_hidden = hidden
        self._fields["reason"] = reason if reason in REASONS else "other"
        if needs is not None:
            self._fields["needs"] = needs
        self._outcome = "denied"

    def mark_failed(self, outcome: Literal["error", "rejected"], code: int) -> None:
        """The answer is a JSON-RPC error with this code."""
        self._fields["code"] = code
        self._set_outcome(outcome)

    def mark_accepted(self) -> None:
        """The message was a notification or a response, which has no answer."""
        self._set_outcome("accepted")

    def mark_answered(self, result: Mapping[str, Any]) -> None:
        """The answer is this result."""
        if result.get("resultType") == "input_required":
            self._set_outcome("asked")  # a question to the user: nothing was done yet
        else:
            self._set_outcome("tool_error" if result.get("isError") else "ok")

    def write(self, status: int) -> Mapping[str, Any]:
        """Write the line of an answer with this HTTP status, and return its fields."""
        milliseconds = round((time.perf_counter() - self._started) * 1000, 2)
        line = {
            **self._fields,
            **identify_caller(self._session),
            "outcome": self._outcome,
            "status": status,
            "ms": milliseconds,
        }
        if self._kind is not None:
            named_kind = self._kind if self._kind in line else None
            line |= self._metrics.make_fields(named_kind, denied="reason" in line, milliseconds=milliseconds)
        logger.info("exchange", extra=line)
        return line

    def _set_outcome(self, outcome: Outcome) -> None:
        if self._outcome != "denied":
            self._outcome = outcome


def identify_caller(session: Session) -> dict[str, str | bool | None]:
    """The caller as ids: enough to find a person in WorkOS, nothing that could be used to log in."""
    ids: dict[str, str | bool | None] = {
        "user_id": session.user_id,
        "organization_id": session.organization_id,
        "client_id": session.client_id,
        "session_id": session.session_id,
        "token_id": session.token_id,
        "is_machine": session.is_machine,
        "kind": session.kind,
    }
    # RFC 8693 section 4.1: who acts as this user. WorkOS puts the impersonator's address there.
    actor = session.claims.get("act")
    if isinstance(actor, Mapping) and isinstance(impersonator := actor.get("sub"), str):
        ids["impersonator"] = make_printable(impersonator, MAX_IMPERSONATOR_CHARACTERS)
    return ids


current_record: Slot[ExchangeRecord] = Slot("record")


def get_record() -> ExchangeRecord:
    """The record of the exchange that runs now.

    Raises:
        LookupError: outside of an exchange; in a test, bind one first (`current_record.bind`).
    """
    return current_record.get()
