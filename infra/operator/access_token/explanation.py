"""Explain one token: apply the rules here, and compare the result with the server's answer."""

from infra.operator.access_token.advice import advise
from infra.operator.access_token.answered import Answered, read_answer
from infra.operator.access_token.decoded import decode
from infra.operator.access_token.expected import Expected
from infra.operator.access_token.family import Family, identify_family
from infra.operator.access_token.verdict import Verdict, judge
from infra.operator.finding import Finding, Status
from infra.operator.web import Reply

CHECK = "token"
_SETTING_NOTES = {
    "audience": "TOKEN_AUDIENCE there is not resource; set it back once every client sends the indicator",
    "machine_not_allowed": "ALLOW_MACHINE_TOKENS is on there",
    "not_a_jwt": "ALLOW_API_KEYS is on there",
}
"""Reasons for which the server may still accept the token, because of a setting that is not visible from outside.
"""


def explain(token: str, expected: Expected, reply: Reply) -> Finding:
    """Explain the token. The finding contains values of claims, but no part of the token itself."""
    decoded, answered = decode(token), read_answer(reply)
    family, verdict = identify_family(token, decoded), judge(token, expected)
    if answered.accepted:
        return _accepted(family, verdict)
    # The server's own reason is better than the one computed here.
    verdict = (
        _read_answer_about_key(answered) if verdict is None and "." not in token else answered.verdict or verdict
    )
    if verdict is None:
        return _unexplained(family, answered)
    seen, fix = advise(verdict, decoded, family, expected)
    answer = f" ({answered.what})" if answered.accepted is None else ""
    return Finding(
        CHECK,
        Status.FAIL,
        f"{_name_family(family)}, refused by `{verdict.reason}`: {seen}{answer}",
        fix,
        verdict.reason,
    )


def _read_answer_about_key(answered: Answered) -> Verdict | None:
    """The reason of an answer about a token that has the form of an API key."""
    if answered.accepted is None:
        return None
    if answered.verdict is None:
        return Verdict("api_key_refused")
    return Verdict("api_key_unchecked") if answered.verdict.reason == "keys_unavailable" else answered.verdict


def _accepted(family: Family, verdict: Verdict | None) -> Finding:
    if verdict is None:
        return Finding(CHECK, Status.PASS, f"{_name_family(family)}, accepted")
    if verdict.reason in _SETTING_NOTES:
        note = f"{_name_family(family)}, accepted: {_SETTING_NOTES[verdict.reason]}"
        return Finding(CHECK, Status.PASS, note)
    return Finding(
        CHECK,
        Status.WARN,
        f"{_name_family(family)}, accepted, although `{verdict.reason}` should refuse it",
        "check that the URL leads to this function, in this version, with these settings",
    )


def _unexplained(family: Family, answered: Answered) -> Finding:
    if answered.accepted is None:
        return Finding(
            CHECK,
            Status.FAIL,
            f"{_name_family(family)} that breaks no visible rule; the server gave no verdict: {answered.what}",
            answered.fix or "see the checks above",
        )
    return Finding(
        CHECK,
        Status.FAIL,
        f"{_name_family(family)}, refused with 401, although it breaks no rule that can be seen from outside",
        "read `reason` of the line `refused` in the function's log; compare WORKOS_AUTHKIT_DOMAIN, BASE_URL, "
        "WORKOS_CLIENT_ID and TOKEN_AUDIENCE of the function with what this report shows",
    )


def _name_family(family: Family) -> str:
    article = "an" if family[0] in "AI" else "" if family is Family.OPAQUE else "a"
    return f"{article} {family}".strip()
