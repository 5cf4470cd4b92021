"""Check that the certificate is trusted and does not expire soon."""

import time

from infra.operator.certificate import Certificate
from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.observation import Observation
from infra.operator.web import is_loopback

CHECK = "tls"
_WARNING_DAYS = 14
"""ACM renews 45 days before the end, so a certificate this old was not renewed."""


def check_tls(seen: Observation) -> Finding:
    if seen.address.origin.startswith("http://"):
        # The check `url` reports plain http outside of loopback.
        return skipped(CHECK, "loopback: no TLS" if is_loopback(seen.address.origin) else "no TLS: plain http")
    if seen.certificate is None:
        return skipped(CHECK, "nobody answers at this host and port")
    return judge(seen.certificate, time.time())


def judge(certificate: Certificate, now: float) -> Finding:
    if certificate.expires_at is None:
        return failed(
            CHECK,
            f"the certificate is not trusted: {certificate.problem}",
            "use the ACM certificate of the domain, with its whole chain; clients accept no other",
        )
    days = int((certificate.expires_at - now) // 86400)
    if days < _WARNING_DAYS:
        return warned(
            CHECK, f"the certificate ends in {days} days", "see in ACM why it was not renewed (its DNS record)"
        )
    return passed(CHECK, f"trusted, for another {days} days")
