"""Read the server's answer to a call with the token: the public half of a refusal."""

from dataclasses import dataclass

from infra.operator.access_token.verdict import Verdict
from infra.operator.report import printable
from infra.operator.web import Answer, Reply

_REASONS_BY_CODE = {
    "insufficient_scope": "missing_scope",
    "organization_required": "no_organization",
    "temporarily_unavailable": "keys_unavailable",
    "invalid_request": "several_authorizations",
    "origin_not_allowed": "origin",
}
"""Public codes that belong to exactly one reason."""


@dataclass(frozen=True, slots=True)
class Answered:
    accepted: bool | None
    """None if the answer is neither: the server did not answer, or answered with another error."""
    verdict: Verdict | None = None
    what: str = ""
    fix: str = ""
    """What to do if there was no answer at all."""


def read_answer(reply: Reply) -> Answered:
    if not isinstance(reply, Answer):
        return Answered(None, what=reply.why, fix=reply.fix if reply.asked else "")
    if reply.status < 300:
        return Answered(True, what=f"HTTP {reply.status}")
    body = reply.document() or {}
    reason = _REASONS_BY_CODE.get(str(body.get("error")))
    if reason is not None:
        return Answered(False, Verdict(reason, printable(str(body.get("scope", "")))), f"HTTP {reply.status}")
    return Answered(False if reply.status == 401 else None, what=f"HTTP {reply.status}")
