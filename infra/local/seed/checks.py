"""Checks that the seed does not contradict itself: ids are unique, and each reference names a row that exists."""

from infra.local.jwt_template import check_claims
from infra.local.seed.api_key_checks import check_api_keys
from infra.local.seed.rows import (
    MEMBERSHIP_STATUSES,
    ORGANIZATION_TYPE,
    PROVIDER_OWNERS,
    Directory,
    Seed,
)
from infra.local.seed.tables import SeedKeyError, check_choice, check_known, check_unique
from infra.local.template_language import TemplateError
from infra.local.workos_words import CONNECTION_STATES, CONNECTION_TYPES, DIRECTORY_STATES, DIRECTORY_TYPES


def check_seed(seed: Seed) -> None:
    """Check the whole seed.

    Raises:
        SeedKeyError: at the first row that contradicts another one or WorkOS's own rules.
    """
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
    _check_api_rows(seed)
    check_api_keys(seed)


def _check_references(seed: Seed) -> None:
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


def _check_several_roles(seed: Seed) -> None:
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


def _check_organization_roles(seed: Seed) -> None:
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


def _check_template(seed: Seed) -> None:
    try:
        check_claims(seed.template_claims)
    except TemplateError as error:
        raise SeedKeyError(f"jwt_template.claims: {error}") from None


def _check_api_rows(seed: Seed) -> None:
    check_unique("directories", "id", (each.id for each in seed.directories))
    check_unique("connections", "id", (each.id for each in seed.connections))
    check_unique("feature_flags", "slug", (flag.slug for flag in seed.feature_flags))
    check_unique("audit_log_actions", "action", (each.action for each in seed.audit_log_actions))
    check_unique("resources", "id", (each.id for each in seed.resources))
    # Two organisations may use the same external id: each has its own namespace.
    names = (f"{each.organization} {each.type} {each.external_id}" for each in seed.resources)
    check_unique("resources", "organization, type and external_id", names)
    _check_resources(seed)
    _check_organizations(seed)
    for place, directory in enumerate(seed.directories):
        _check_directory(f"directories[{place}]", directory)
    for place, connection in enumerate(seed.connections):
        check_choice(f"connections[{place}].type", connection.type, CONNECTION_TYPES)
        check_choice(f"connections[{place}].state", connection.state, CONNECTION_STATES)
    _check_flags(seed)
    _check_grants(seed)
    _check_providers(seed)


def _check_resources(seed: Seed) -> None:
    for place, resource in enumerate(seed.resources):
        if resource.type == ORGANIZATION_TYPE:
            raise SeedKeyError(
                f"resources[{place}].type is 'organization'; take it out, each organization has its own already"
            )


def _check_organizations(seed: Seed) -> None:
    known = {organization.id for organization in seed.organizations}
    owners = {
        "directories": [each.organization for each in seed.directories],
        "connections": [each.organization for each in seed.connections],
        "resources": [each.organization for each in seed.resources],
    }
    for table, organizations in owners.items():
        for place, organization in enumerate(organizations):
            check_known(f"{table}[{place}].organization", organization, known, "[[organizations]]")


def _check_directory(where: str, directory: Directory) -> None:
    if not directory.id.startswith("directory_") or not directory.id.endswith("0000"):
        raise SeedKeyError(
            f"{where}.id is {directory.id!r}; write 'directory_...0000': the zeros number its people"
        )
    check_choice(f"{where}.type", directory.type, DIRECTORY_TYPES)
    check_choice(f"{where}.state", directory.state, DIRECTORY_STATES)
    names = len(set(directory.first_names)) * len(set(directory.last_names))
    if directory.people > names:
        raise SeedKeyError(f"{where}.people is {directory.people}, but the names give {names}; add names")
    if directory.people > 9999:
        raise SeedKeyError(f"{where}.people is {directory.people}; 9999 is the most that ids can number")
    check_unique(f"{where}.groups", "name", directory.groups)


def _check_flags(seed: Seed) -> None:
    users, organizations = {user.id for user in seed.users}, {each.id for each in seed.organizations}
    for place, flag in enumerate(seed.feature_flags):
        for user in flag.users:
            check_known(f"feature_flags[{place}].users", user, users, "[[users]]")
        for organization in flag.organizations:
            check_known(f"feature_flags[{place}].organizations", organization, organizations, "[[organizations]]")


def _check_grants(seed: Seed) -> None:
    memberships = {each.id: each.organization for each in seed.memberships}
    resources = {each.id: each.organization for each in seed.resources}
    for place, grant in enumerate(seed.resource_grants):
        where = f"resource_grants[{place}]"
        check_known(f"{where}.membership", grant.membership, memberships, "[[memberships]]")
        check_known(f"{where}.resource", grant.resource, resources, "[[resources]]")
        if memberships[grant.membership] != resources[grant.resource]:
            raise SeedKeyError(f"{where}.resource belongs to another organization than the membership; change one")


def _check_providers(seed: Seed) -> None:
    slugs = [provider.slug for provider in seed.data_providers]
    check_unique("data_providers", "slug", slugs)
    for place, provider in enumerate(seed.data_providers):
        check_choice(f"data_providers[{place}].owner", provider.owner, PROVIDER_OWNERS)
    names = (f"{each.provider} {each.login}" for each in seed.provider_accounts)
    check_unique("provider_accounts", "provider and login", names)
    for place, account in enumerate(seed.provider_accounts):
        check_known(f"provider_accounts[{place}].provider", account.provider, slugs, "[[data_providers]]")
    with_accounts = {account.provider for account in seed.provider_accounts}
    for place, provider in enumerate(seed.data_providers):
        if provider.slug not in with_accounts:
            raise SeedKeyError(
                f"data_providers[{place}].slug is {provider.slug!r}, where nobody has an account; add one to"
                " [[provider_accounts]]"
            )
