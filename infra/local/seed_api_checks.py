"""Whether the rows of the WorkOS API agree with the rest of the seed and with WorkOS's own words."""

from typing import TYPE_CHECKING

from infra.local.seed_api import ORGANIZATION_TYPE
from infra.local.seed_references import check_choice, check_known, check_unique
from infra.local.seed_tables import SeedKeyError
from infra.local.workos_words import CONNECTION_STATES, CONNECTION_TYPES, DIRECTORY_STATES, DIRECTORY_TYPES

if TYPE_CHECKING:
    from infra.local.seed import Seed
    from infra.local.seed_api import Directory


def check_api_seed(seed: "Seed") -> None:
    check_unique("directories", "id", (each.id for each in seed.directories))
    check_unique("connections", "id", (each.id for each in seed.connections))
    check_unique("feature_flags", "slug", (flag.slug for flag in seed.feature_flags))
    check_unique("audit_log_actions", "action", (each.action for each in seed.audit_log_actions))
    check_unique("resources", "id", (each.id for each in seed.resources))
    # Two organisations may have the same name for a thing, as two customers do.
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


def _check_resources(seed: "Seed") -> None:
    for place, resource in enumerate(seed.resources):
        if resource.type == ORGANIZATION_TYPE:
            raise SeedKeyError(
                f"resources[{place}].type is 'organization'; take it out, each organization has its own already"
            )


def _check_organizations(seed: "Seed") -> None:
    known = {organization.id for organization in seed.organizations}
    owners = {
        "directories": [each.organization for each in seed.directories],
        "connections": [each.organization for each in seed.connections],
        "resources": [each.organization for each in seed.resources],
    }
    for table, organizations in owners.items():
        for place, organization in enumerate(organizations):
            check_known(f"{table}[{place}].organization", organization, known, "[[organizations]]")


def _check_directory(where: str, directory: "Directory") -> None:
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


def _check_flags(seed: "Seed") -> None:
    users, organizations = {user.id for user in seed.users}, {each.id for each in seed.organizations}
    for place, flag in enumerate(seed.feature_flags):
        for user in flag.users:
            check_known(f"feature_flags[{place}].users", user, users, "[[users]]")
        for organization in flag.organizations:
            check_known(f"feature_flags[{place}].organizations", organization, organizations, "[[organizations]]")


def _check_grants(seed: "Seed") -> None:
    memberships = {each.id: each.organization for each in seed.memberships}
    resources = {each.id: each.organization for each in seed.resources}
    for place, grant in enumerate(seed.resource_grants):
        where = f"resource_grants[{place}]"
        check_known(f"{where}.membership", grant.membership, memberships, "[[memberships]]")
        check_known(f"{where}.resource", grant.resource, resources, "[[resources]]")
        if memberships[grant.membership] != resources[grant.resource]:
            raise SeedKeyError(f"{where}.resource belongs to another organization than the membership; change one")
