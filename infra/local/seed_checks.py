"""Whether the seed agrees with itself: ids are unique and each reference leads somewhere."""

from typing import TYPE_CHECKING

from infra.local.jwt_template import check_claims
from infra.local.seed_api_checks import check_api_seed
from infra.local.seed_references import check_choice, check_known, check_unique
from infra.local.seed_tables import SeedKeyError
from infra.local.template_language import TemplateError

if TYPE_CHECKING:
    from infra.local.seed import Seed

MEMBERSHIP_STATUSES = frozenset({"active", "inactive", "pending"})


def check_seed(seed: "Seed") -> None:
    if not seed.users:
        raise SeedKeyError("users is empty; add at least one [[users]] table")
    if not seed.machines:
        raise SeedKeyError("machine_applications is empty; add at least one [[machine_applications]] table")
    check_unique("users", "id", (user.id for user in seed.users))
    check_unique("users", "email", (user.email for user in seed.users))
    check_unique("organizations", "id", (each.id for each in seed.organizations))
    check_unique("roles", "slug", (role.slug for role in seed.roles))
    check_unique("memberships", "id", (each.id for each in seed.memberships))
    check_unique("memberships", "user and organization", (f"{m.user} {m.organization}" for m in seed.memberships))
    check_unique("machine_applications", "client_id", (each.client_id for each in seed.machines))
    _check_references(seed)
    _check_several_roles(seed)
    _check_organization_roles(seed)
    _check_template(seed)
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
        for role in row.roles:
            check_known(f"{where}.roles", role, roles, "[[roles]]")
        check_choice(f"{where}.status", row.status, MEMBERSHIP_STATUSES)
    for place, machine in enumerate(seed.machines):
        where = f"machine_applications[{place}].organization"
        check_known(where, machine.organization, organizations, "[[organizations]]")


def _check_several_roles(seed: "Seed") -> None:
    for place, row in enumerate(seed.memberships):
        if row.all_roles[0] != row.role:
            raise SeedKeyError(
                f"memberships[{place}].roles must begin with {row.role!r}, its role; put that first"
            )
        check_unique(f"memberships[{place}].roles", "slug", row.roles)
        if len(row.all_roles) > 1 and not seed.environment.multiple_roles:
            raise SeedKeyError(
                f"memberships[{place}].roles has several, which WorkOS refuses unless they are switched on for the"
                " environment; set environment.multiple_roles = true, or leave one"
            )


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
        for slug in row.all_roles:
            if owners[slug] not in (None, row.organization):
                raise SeedKeyError(
                    f"memberships[{place}].role is {slug!r}, a role of another organization; choose one of its own"
                )


def _check_template(seed: "Seed") -> None:
    try:
        check_claims(seed.template_claims)
    except TemplateError as error:
        raise SeedKeyError(f"jwt_template.claims: {error}") from None
