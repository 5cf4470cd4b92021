"""Check that WorkOS has this server's resource indicator, byte for byte: else tokens have another audience."""

from collections.abc import Sequence

from infra.operator.finding import Finding, failed, passed
from infra.operator.report import printable
from infra.operator.workos_api import Indicator

CHECK = "indicator"


def judge_indicators(resource: str, indicators: Sequence[Indicator]) -> Finding:
    exact = next((each for each in indicators if each.uri == resource), None)
    if exact is not None:
        rest = (
            "; it is the default" if exact.is_default else "; for clients that ask for it, it is not the default"
        )
        return passed(CHECK, f"{resource} is registered{rest}")
    pattern = next((each for each in indicators if covers(each.uri, resource)), None)
    if pattern is not None:
        return passed(CHECK, f"{printable(pattern.uri)} covers {resource}")
    fix = (
        f"register {resource}: make provision URL={resource} APPLY=1, or in the dashboard: Connect, Configuration"
    )
    if not indicators:
        return failed(
            CHECK, "WorkOS has no resource indicator: every token's aud is the environment's client id", fix
        )
    close = next((each.uri for each in indicators if each.uri.rstrip("/") == resource.rstrip("/")), None)
    if close is not None:
        return failed(CHECK, f"{printable(close)} is registered, which differs by a slash", fix)
    known = ", ".join(printable(each.uri, 60) for each in indicators[:3])
    return failed(CHECK, f"{resource} is not registered ({known} is): logins end with invalid_target", fix)


def covers(pattern: str, resource: str) -> bool:
    """Whether a pattern matches: it has one *, as the leftmost host label or as the last path segment."""
    before, star, after = pattern.partition("*")
    if not star or not (before.endswith("://") or (not after and before.endswith("/"))):
        return False
    middle = resource[len(before) : len(resource) - len(after)]
    matches = resource.startswith(before) and resource.endswith(after) and bool(middle)
    return matches and "/" not in middle and "." not in (middle if after else "")
