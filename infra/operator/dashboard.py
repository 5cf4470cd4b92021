"""What the WorkOS dashboard alone can set: looked at, and where to click if it is not as tools need it."""

from collections.abc import Sequence

from infra.operator.checks.authkit import DASHBOARD
from infra.operator.finding import Finding, passed, skipped, warned
from infra.operator.report import printable
from infra.operator.workos_api import ApiRefused, WorkOSApi

TEMPLATE, ACTIONS = "jwt-template", "audit-log"
_WANTED = ("role", "organization_membership_id")
"""What saves a question to WorkOS. A template cannot carry permissions: its context has none."""


def check_registration_flags(metadata: dict[str, object] | None) -> Finding:
    """CIMD and DCR, as AuthKit's metadata shows them."""
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
    """The JWT template, which may add role and membership, and must not touch aud."""
    name, where = TEMPLATE, "https://dashboard.workos.com, Authentication, Sessions, JWT template"
    try:
        content = await api.jwt_template()
    except ApiRefused as refused:
        return warned(name, f"not looked at: {refused}", refused.fix)
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
    """The audit log actions that tools write: WorkOS refuses an event whose action it does not know."""
    name = ACTIONS
    if not wanted:
        return skipped(name, "AUDIT_LOG_ACTIONS names no action that tools write")
    try:
        known = await api.audit_log_actions()
    except ApiRefused as refused:
        return warned(name, f"not looked at: {refused}", refused.fix)
    missing = sorted(set(wanted) - set(known))
    if not missing:
        return passed(name, f"{len(set(wanted))} actions are configured")
    return warned(
        name,
        f"not configured: {printable(', '.join(missing))}",
        "https://dashboard.workos.com, Audit Logs, Configuration: create an event for each, with its targets",
    )
