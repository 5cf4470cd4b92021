"""TLS as the doctor sees it: real handshakes on loopback."""

import asyncio
import ssl
from pathlib import Path

import pytest

from infra.operator.address import read_address
from infra.operator.doctor import examine
from infra.operator.finding import Finding, Status
from tests.infra.operator.site import Canned, Site
from tests.infra.operator.tls_site import make_certificate, serving, trusting


def examined(site: Site, trust: ssl.SSLContext | None) -> dict[str, Finding]:
    found = asyncio.run(examine(read_address(f"{site.url}/mcp"), {}, patience=5, trust=trust))
    return {each.check: each for each in found}


@pytest.mark.parametrize(
    ("days", "status", "seen"),
    [(60, Status.PASS, "for another 60 days"), (5, Status.WARN, "ends in 5 days")],
)
def test_a_certificate_is_judged_by_its_end(days: int, status: Status, seen: str, tmp_path: Path) -> None:
    file = make_certificate(tmp_path, days)
    with Site(serving(file)) as site:
        site.answers["POST /mcp"] = Canned(401)
        findings = examined(site, trusting(file))

    assert (findings["tls"].status, findings["challenge"].status) == (status, Status.PASS)
    assert seen in findings["tls"].seen


@pytest.mark.parametrize("days", [60, -1])
def test_a_certificate_that_nobody_trusts_is_named_and_nothing_is_sent(days: int, tmp_path: Path) -> None:
    file = make_certificate(tmp_path, days)
    with Site(serving(file)) as site:
        findings = examined(site, None if days > 0 else trusting(file))

    assert findings["tls"].status is findings["answer"].status is Status.FAIL
    assert ("self-signed" if days > 0 else "expired") in findings["tls"].seen
    assert "ACM" in findings["tls"].fix
    assert site.received == []
