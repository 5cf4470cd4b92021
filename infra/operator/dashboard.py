"""Check the settings that only the WorkOS dashboard can change, and say where to click."""

from collections.abc import Sequence

from infra.operator.checks.authkit import DASHBOARD
from infra.operator.finding import Finding, passed, skipped, warned
from infra.operator.report import printable
from infra.operator.workos_api import ApiRefused, WorkOSApi

TEMPLATE, ACTIONS = "jwt-template", "audit-log"
_WANTED = ("role", "organization_membership_id")
"""Claims that save a call to WorkOS. A template cannot add permissions: its context has none."""


def check_registration_flags(metadata: dict[str, object] | None) -> Finding:
    """Check CIMD and DCR in AuthKit's metadata."""
    name = "client-registration"
    if metadata is None:
        return skipped(name, "AuthKit's metadata was not read: set WORKOS_AUTHKIT_DOMAIN, or deploy first")
    cimd = metadata.get("client_id_metadata_document_supported") is True
    dcr = isinstance(metadata.get("registration_endpoint"), str)
    if cimd:
        return passed(name, f"CIMD is on, DCR is {'on' if dcr else 'off (older clients need it)'}")
    return warned(
        name,
        f"CIMD is off, DCR is {'on' if dcr else 'off: no client can introduce itself'}",
        f"{DASHBOARD}: switch on Client ID Metadata Document",
    )


async def check_template(api: WorkOSApi) -> Finding:
    """Check that the JWT template adds role and membership and leaves aud alone."""
    name, where = TEMPLATE, "https://dashboard.workos.com, Authentication, Sessions, JWT template"
    try:
        content = await api.jwt_template()
    except ApiRefused as refused:
        return warned(name, f"not checked: {refused}", refused.fix)
    if content is not None and sets_aud(content):
        return warned(
            name,
            "it sets aud, which overrides the resource indicator: tokens are refused",
            f"{where}: take aud out",
        )
    missing = [claim for claim in _WANTED if f'"{claim}"' not in (content or "")]
    if not missing:
        return passed(name, "it adds role and membership, and leaves aud alone")
    return warned(
        name,
        f"it adds no {' and no '.join(missing)}: WorkOS is asked once a tool needs them",
        f"to save that, {where}: add {' and '.join(missing)} (from organization_membership)",
    )


def sets_aud(template: str) -> bool:
    """Whether a JWT template replaces the audience that AuthKit gives a token."""
    return '"aud"' in template


async def check_actions(api: WorkOSApi, wanted: Sequence[str]) -> Finding:
    """Check the audit log actions that tools write: WorkOS refuses an event with an unknown action."""
    name = ACTIONS
    if not wanted:
        return skipped(name, "AUDIT_LOG_ACTIONS names no action that tools write")
    try:
        known = await api.audit_log_actions()
    except ApiRefused as refused:
        return warned(name, f"not checked: {refused}", refused.fix)
    missing = sorted(set(wanted) - set(known))
    if not missing:
        return passed(name, f"{len(set(wanted))} actions are configured")
    return warned(
        name,
        f"not configured: {printable(', '.join(missing))}",
        "https://dashboard.workos.com, Audit Logs, Configuration: create an event for each, with its targets",
    )
