"""Check the challenge header: that it arrives under its own name and names the metadata document."""

import re

from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.observation import Observation
from infra.operator.report import printable
from infra.operator.web import Answer

CHECK = "challenge-header"
_NAME, _RENAMED = "www-authenticate", "x-amzn-remapped-www-authenticate"
_EFFECT = "login still works, a client finds the metadata by itself; asking again for a scope (403) does not"


def check_header(seen: Observation) -> Finding:
    if not isinstance(seen.post, Answer) or seen.post.status != 401:
        return skipped(CHECK, "no 401 to look at")
    value = seen.post.headers.get(_NAME) or seen.post.headers.get(_RENAMED)
    if value is None:
        return warned(
            CHECK,
            f"the 401 has no WWW-Authenticate: {_EFFECT}",
            "find the proxy, CDN or gateway that takes the header away",
        )
    named = _metadata_url(value)
    if named != seen.address.path_document:
        return failed(
            CHECK,
            f"it names {printable(named or 'no resource_metadata')}, not {seen.address.path_document}",
            f"set BASE_URL to {seen.address.origin}, the origin that clients use",
        )
    if _NAME not in seen.post.headers:
        return warned(
            CHECK,
            f"it arrives renamed, as {_RENAMED}: {_EFFECT}",
            "REST APIs and Function URLs always rename it: put an HTTP API or a load balancer in front instead. "
            "make dev renames it as they do, on purpose; make dev REMAP_CHALLENGE=0 does not",
        )
    return passed(CHECK, "WWW-Authenticate is intact and names the metadata document")


def _metadata_url(value: str) -> str | None:
    # RFC 9728 section 5.1; the value is a quoted string.
    found = re.search(r'\bresource_metadata="([^"]*)"', value)
    return found[1] if found and value.lower().startswith("bearer ") else None
