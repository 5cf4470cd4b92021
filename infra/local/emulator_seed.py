"""`make emulator-seed`: the people of infra/local/seed.toml as a seed of WorkOS' own emulator (workos/emulate).

The local AuthKit issues tokens for the users and organisations of the seed file. A WorkOS API that has them under
the same ids can answer what a tool asks about them.
"""

import json
import sys
from collections.abc import Mapping, Sequence

from infra.local.seed.load import SeedError, load_seed
from infra.local.seed.rows import Organization, Role, Seed


def write_emulator_seed(seed: Seed) -> dict[str, Sequence[Mapping[str, object]]]:
    """Write what the emulator can seed: users, organisations with their members, roles, permissions, machines.

    Directories, feature flags and audit log actions cannot be seeded there, nor ids of memberships.
    """
    permissions = dict.fromkeys(slug for role in seed.roles for slug in role.permissions)
    return {
        "users": [
            {
                "id": each.id,
                "email": each.email,
                "first_name": each.first_name,
                "last_name": each.last_name,
                "email_verified": True,
            }
            for each in seed.users
        ],
        "organizations": [_organization(each, seed) for each in seed.organizations],
        "permissions": [{"slug": slug, "name": slug} for slug in permissions],
        "roles": [_role(each) for each in seed.roles],
        "connectApplications": [
            {
                "name": each.name,
                "type": "m2m",
                "organization": _name(each.organization, seed),
                "scopes": list(each.scopes),
                "client_id": each.client_id,
                "client_secret": each.client_secret,
            }
            for each in seed.machines
        ],
    }


def _organization(organization: Organization, seed: Seed) -> dict[str, object]:
    emails = {each.id: each.email for each in seed.users}
    return {
        "id": organization.id,
        "name": organization.name,
        "domains": [{"domain": each, "state": "verified"} for each in organization.domains],
        "memberships": [
            {"email": emails[each.user], "role": each.role, "status": each.status}
            for each in seed.memberships
            if each.organization == organization.id
        ],
    }


def _role(role: Role) -> dict[str, object]:
    kind = "EnvironmentRole" if role.organization is None else "OrganizationRole"
    owner = {} if role.organization is None else {"organization_id": role.organization}
    return {
        "slug": role.slug,
        "name": role.name,
        "type": kind,
        "permissions": list(role.permissions),
        **owner,
    }


def _name(organization_id: str, seed: Seed) -> str:
    found = seed.organization(organization_id)
    return found.name if found else organization_id


def main() -> int:
    try:
        seed = load_seed()
    except SeedError as refused:
        print(refused, file=sys.stderr)
        return 2
    print(json.dumps(write_emulator_seed(seed), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
