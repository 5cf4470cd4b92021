"""Tokens that are not for now."""

from conformance.auth.checks.refusing import Make, claiming, refuses
from conformance.auth.checks.specs import TOKENS
from conformance.auth.issuer import ABSENT, Issuer
from conformance.auth.requirement import Check, Family, Level, Requirement

_FAR = 4_102_444_800
"""The year 2100."""


def shifted(**seconds: int) -> Make:
    """Times that are so many seconds from now."""

    def make(issuer: Issuer) -> str:
        now = issuer.claims()["iat"]
        return issuer.token(**{name: now + by for name, by in seconds.items()})

    return make


def row(name: str, behaviour: str, level: Level, spec: str, check: Check) -> Requirement:
    return Requirement(f"times-{name}", behaviour, level, spec, check)


FAMILY = Family(
    "Tokens for another time, each answered 401",
    (
        row(
            "expired", "Expired five minutes ago", Level.MUST, TOKENS, refuses(expired=shifted(iat=-900, exp=-300))
        ),
        row(
            "expiry-absent",
            "No `exp`: it would be good for ever",
            Level.SHOULD,
            "RFC 9068 s. 2.2",
            refuses(absent=claiming(exp=ABSENT), null=claiming(exp=None)),
        ),
        row(
            "expiry-no-number",
            "An `exp` that is no number",
            Level.MUST,
            "RFC 7519 s. 4.1.4",
            refuses(word=claiming(exp="never"), list=claiming(exp=[_FAR]), object=claiming(exp={"at": _FAR})),
        ),
        row(
            "not-before",
            "`nbf` in the year 2100",
            Level.MUST,
            "RFC 7519 s. 4.1.5",
            refuses(nbf=claiming(nbf=_FAR)),
        ),
        row(
            "issued-in-future",
            "Issued an hour from now",
            Level.MAY,
            "RFC 7519 s. 4.1.6",
            refuses(iat=shifted(iat=3600, exp=7200)),
        ),
    ),
)
