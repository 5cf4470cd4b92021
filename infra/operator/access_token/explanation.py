"""One token, explained: our reading of the rules, set against what the server really answered."""

from infra.operator.access_token.advice import advise
from infra.operator.access_token.answered import Answered, read_answer
from infra.operator.access_token.decoded import decode
from infra.operator.access_token.expected import Expected
from infra.operator.access_token.family import Family, family_of
from infra.operator.access_token.verdict import Verdict, judge
from infra.operator.finding import Finding, Status
from infra.operator.web import Reply

CHECK = "token"
_BY_SETTING = {
    "audience": "TOKEN_AUDIENCE there is not resource; set it back once every client sends the indicator",
    "machine_not_allowed": "ALLOW_MACHINE_TOKENS is on there",
}
"""Reasons that a setting of the server, which nobody sees from outside, can lift."""


def explain(token: str, expected: Expected, reply: Reply) -> Finding:
    """The finding; no part of the token but its claims' values is in it."""
    decoded, answered = decode(token), read_answer(reply)
    family, verdict = family_of(token, decoded), judge(token, expected)
    if answered.accepted:
        return _accepted(family, verdict)
    # What the server says of itself is better than what we make of it.
    verdict = answered.verdict or verdict
    if verdict is None:
        return _unexplained(family, answered)
    seen, fix = advise(verdict, decoded, family, expected)
    heard = f" ({answered.what})" if answered.accepted is None else ""
    return Finding(
        CHECK, Status.FAIL, f"{_named(family)}, refused by `{verdict.reason}`: {seen}{heard}", fix, verdict.reason
    )


def _accepted(family: Family, verdict: Verdict | None) -> Finding:
    if verdict is None:
        return Finding(CHECK, Status.PASS, f"{_named(family)}, accepted")
    if verdict.reason in _BY_SETTING:
        note = f"{_named(family)}, accepted: {_BY_SETTING[verdict.reason]}"
        return Finding(CHECK, Status.PASS, note)
    return Finding(
        CHECK,
        Status.WARN,
        f"{_named(family)}, accepted, although `{verdict.reason}` should refuse it",
        "check that the URL leads to this function, in this version, with these settings",
    )


def _unexplained(family: Family, answered: Answered) -> Finding:
    if answered.accepted is None:
        return Finding(
            CHECK,
            Status.FAIL,
            f"{_named(family)} that breaks no visible rule; the server gave no verdict: {answered.what}",
            answered.fix or "see the checks above",
        )
    return Finding(
        CHECK,
        Status.FAIL,
        f"{_named(family)}, refused with 401, although it breaks no rule that can be seen from outside",
        "read `reason` of the line `refused` in the function's log; compare WORKOS_AUTHKIT_DOMAIN, BASE_URL, "
        "WORKOS_CLIENT_ID and TOKEN_AUDIENCE of the function with what this report shows",
    )


def _named(family: Family) -> str:
    article = "an" if family[0] in "AI" else "" if family is Family.OPAQUE else "a"
    return f"{article} {family}".strip()
