"""Whether the seed agrees with itself: ids are unique and each reference leads somewhere."""

from typing import TYPE_CHECKING

from infra.local.seed_api_checks import check_api_seed
from infra.local.seed_references import check_choice, check_known, check_unique
from infra.local.seed_tables import SeedKeyError

if TYPE_CHECKING:
    from infra.local.seed import Seed

TEMPLATE_CLAIMS = frozenset({"role", "roles", "permissions"})
MEMBERSHIP_STATUSES = frozenset({"active", "inactive", "pending"})


def check_seed(seed: "Seed") -> None:
    if not seed.users:
        raise SeedKeyError("users is empty; add at least one [[users]] table")
    check_unique("users", "id", (user.id for user in seed.users))
    check_unique("users", "email", (user.email for user in seed.users))
    check_unique("organizations", "id", (each.id for each in seed.organizations))
    check_unique("roles", "slug", (role.slug for role in seed.roles))
    check_unique("memberships", "id", (each.id for each in seed.memberships))
    check_unique("memberships", "user and organization", (f"{m.user} {m.organization}" for m in seed.memberships))
    _check_references(seed)
    _check_organization_roles(seed)
    if wrong := set(seed.template_claims) - TEMPLATE_CLAIMS:
        raise SeedKeyError(
            f"jwt_template.claims has {min(wrong)!r}; choose from {', '.join(sorted(TEMPLATE_CLAIMS))}"
        )
    check_api_seed(seed)


def _check_references(seed: "Seed") -> None:
    users = {user.id for user in seed.users}
    organizations = {organization.id for organization in seed.organizations}
    roles = {role.slug for role in seed.roles}
    for place, row in enumerate(seed.memberships):
        where = f"memberships[{place}]"
        check_known(f"{where}.user", row.user, users, "[[users]]")
        check_known(f"{where}.organization", row.organization, organizations, "[[organizations]]")
        check_known(f"{where}.role", row.role, roles, "[[roles]]")
        check_choice(f"{where}.status", row.status, MEMBERSHIP_STATUSES)
    check_known("machine_application.organization", seed.machine.organization, organizations, "[[organizations]]")


def _check_organization_roles(seed: "Seed") -> None:
    organizations = {organization.id for organization in seed.organizations}
    owners = {role.slug: role.organization for role in seed.roles}
    for place, role in enumerate(seed.roles):
        if role.organization is None:
            continue
        check_known(f"roles[{place}].organization", role.organization, organizations, "[[organizations]]")
        if not role.slug.startswith("org-"):
            raise SeedKeyError(
                f"roles[{place}].slug is {role.slug!r}; begin the slug of an organization's with 'org-'"
            )
    for place, row in enumerate(seed.memberships):
        if owners[row.role] not in (None, row.organization):
            raise SeedKeyError(
                f"memberships[{place}].role is {row.role!r}, a role of another organization; choose one of its own"
            )
