"""What WorkOS has no API for: check what can be seen of it, and say where to click."""

from infra.operator.checks.authkit import DASHBOARD
from infra.operator.finding import Finding, passed, skipped, warned
from infra.operator.report import printable

NAME = "dashboard"
_SESSIONS = "https://dashboard.workos.com, Authentication, Sessions"


def check_dashboard(metadata: dict[str, object] | None, scopes: tuple[str, ...]) -> list[Finding]:
    """Check the switches that AuthKit's metadata shows, and name the others.

    Args:
        metadata: AuthKit's metadata; None if it was not read.
        scopes: the scopes of the team's own that tools, prompts and resources require.
    """
    duration = skipped(
        "token-duration",
        f"WorkOS has no API for it. {_SESSIONS}: set the access token duration above five minutes, to 15, say",
    )
    return [check_registration_flags(metadata), duration, *_name_scopes(metadata, scopes)]


def check_registration_flags(metadata: dict[str, object] | None) -> Finding:
    """Check CIMD and DCR in AuthKit's metadata."""
    name = "client-registration"
    if metadata is None:
        return skipped(
            name,
            "AuthKit's metadata was not read: set WORKOS_AUTHKIT_DOMAIN, or deploy first. WorkOS has no API for "
            f"it. {DASHBOARD}: switch on Client ID Metadata Document",
        )
    cimd = metadata.get("client_id_metadata_document_supported") is True
    dcr = isinstance(metadata.get("registration_endpoint"), str)
    if cimd:
        return passed(name, f"CIMD is on, DCR is {'on' if dcr else 'off (older clients need it)'}")
    return warned(
        name,
        f"CIMD is off, DCR is {'on' if dcr else 'off: no client can introduce itself'}",
        f"{DASHBOARD}: switch on Client ID Metadata Document",
    )


def _name_scopes(metadata: dict[str, object] | None, scopes: tuple[str, ...]) -> list[Finding]:
    offered = (metadata or {}).get("scopes_supported")
    missing = [each for each in scopes if not isinstance(offered, list) or each not in offered]
    if not missing:
        return []
    return [
        warned(
            "scopes",
            f"tools require {printable(', '.join(missing))}, which AuthKit does not offer",
            "WorkOS has no API for it: ask WorkOS support to offer it to clients that register themselves",
        )
    ]
