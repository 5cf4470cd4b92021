"""The context of the JWT template for one login: the user, the organization and the membership."""

from infra.local.seed.rows import Organization, Seed, User
from infra.local.template_language import Context

_SINCE = "2026-01-01T00:00:00.000Z"
_TIMES = {"created_at": _SINCE, "updated_at": _SINCE}


def template_context(seed: Seed, user: User, organization_id: str | None) -> Context:
    """Make the context. Without an organization it has only the user, and paths into the others are null."""
    context: dict[str, object] = {"user": _user(user)}
    organization = seed.organization(organization_id) if organization_id else None
    membership = seed.membership(user.id, organization_id) if organization_id else None
    if organization and membership:
        context["organization"] = _organization(organization)
        context["organization_membership"] = {
            "object": "organization_membership",
            "id": membership.id,
            "role": membership.role,
            "roles": list(membership.all_roles),
            "custom_attributes": {},
            **_TIMES,
        }
    return context


def _user(user: User) -> Context:
    return {
        "object": "user",
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email_verified": True,
        "metadata": {},
        **_TIMES,
    }


def _organization(organization: Organization) -> Context:
    domains = [
        {"object": "organization_domain", "organization_id": organization.id, "domain": each, "state": "verified"}
        for each in organization.domains
    ]
    return {
        "object": "organization",
        "id": organization.id,
        "name": organization.name,
        "allow_profiles_outside_organization": False,
        "domains": domains,
        "metadata": {},
        **_TIMES,
    }
