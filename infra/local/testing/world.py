"""WorkOS as one test needs it: the seed file, and the caller whom the test makes up or changes."""

from dataclasses import dataclass, replace
from typing import TypeVar

from app.authoring.testing import ApiKeyOwner, Machine, Person
from infra.local.authkit.authorize import DEFAULT_SCOPE
from infra.local.seed.rows import (
    ApiKey,
    FeatureFlag,
    MachineApplication,
    Membership,
    Organization,
    Role,
    Seed,
    User,
)

Row = TypeVar("Row")

USER = User("user_01TEST", "person@example.com", "Test", "Person")
ORGANIZATION = Organization("org_01TEST", "Test Organization")
MACHINE_ID = "client_01TESTMACHINE"
KEY = ApiKey("api_key_01TEST", "sk_a_key_for_this_test_alone", "Test Key", ORGANIZATION.id)
ROLE = "test-role"
"""The slug of a made-up person's role, unless the test names one."""


@dataclass(frozen=True, slots=True)
class World:
    """A seed with the caller in it, and what the local AuthKit needs to make their token."""

    seed: Seed
    token_request: dict[str, object]
    api_key: str | None = None
    """The value of the caller's API key, which is sent in the place of a token."""
    user_id: str = ""
    """Of a person."""
    organization_id: str | None = None
    accounts: tuple[str, ...] = ()
    """The providers at which the person has connected an account."""


def create_world(seed: Seed, who: Person | Machine | ApiKeyOwner) -> World:
    """The seed with the caller as the test describes them. What the test does not say is as in the seed.

    Raises:
        ValueError: the seed has no such person, machine, API key or organisation.
    """
    if isinstance(who, ApiKeyOwner):
        return _add_api_key(seed, who)
    return _add_person(seed, who) if isinstance(who, Person) else _add_machine(seed, who)


def _add_person(seed: Seed, who: Person) -> World:
    user = USER if who.name is None else _find_user(seed, who.name)
    organization = _choose_organization(seed, who, user)
    if organization is None and (who.role or who.permissions):
        raise ValueError("a role and its permissions belong to an organisation: give as_user(organization=...)")
    seed = _with_row(seed, "users", user, "id")
    if organization is not None:
        seed = _with_row(seed, "organizations", organization, "id")
        seed = _add_membership(seed, who, user.id, organization.id)
    if who.flags is not None:
        seed = _set_flags(seed, who.flags, user.id, organization.id if organization else None)
    scope = " ".join([DEFAULT_SCOPE, *sorted(who.scopes)])
    organization_id = organization.id if organization else None
    _check_accounts(seed, who, organization_id)
    return World(
        seed,
        {"user": user.id, "organization": organization_id, "scope": scope},
        user_id=user.id,
        organization_id=organization_id,
        accounts=tuple(sorted(who.accounts)),
    )


def _check_accounts(seed: Seed, who: Person, organization_id: str | None) -> None:
    owners = {provider.slug: provider.owner for provider in seed.data_providers}
    for slug in who.accounts:
        if slug not in owners:
            raise ValueError(
                f"infra/local/seed.toml has no data provider {slug!r}; it has {', '.join(owners) or 'none'}. "
                "Add one to [[data_providers]]"
            )
        if owners[slug] == "organization" and organization_id is None:
            raise ValueError(f"an organisation shares its account at {slug}: give as_user(organization=...)")


def _add_machine(seed: Seed, who: Machine) -> World:
    machine = None if who.name is None else seed.machine_application(who.name)
    if machine is None and who.name is not None:
        raise ValueError(_describe_unknown("machine", who.name, [each.name for each in seed.machines]))
    if who.organization is not None:
        organization = _find_organization(seed, who.organization, is_made_up=machine is None)
    else:
        found = machine and seed.organization(machine.organization)
        organization = found or ORGANIZATION
    if machine is None:
        machine = MachineApplication(MACHINE_ID, "", "Test Machine", organization.id, ())
    scopes = machine.scopes if who.scopes is None else tuple(sorted(who.scopes))
    machine = replace(machine, organization=organization.id, scopes=scopes)
    seed = _with_row(_with_row(seed, "organizations", organization, "id"), "machines", machine, "client_id")
    if who.flags is not None:
        seed = _set_flags(seed, who.flags, machine.client_id, organization.id)
    return World(seed, {"machine": machine.client_id})


def _add_api_key(seed: Seed, who: ApiKeyOwner) -> World:
    key = KEY if who.name is None else seed.api_key(who.name)
    if key is None:
        raise ValueError(_describe_unknown("API key", str(who.name), [each.name for each in seed.api_keys]))
    if key is KEY:
        organization = _find_organization(seed, who.organization or ORGANIZATION.name, is_made_up=True)
        key = replace(key, organization=organization.id, user=USER.id if who.owner == "user" else None)
        seed = _with_row(_with_row(seed, "organizations", organization, "id"), "users", USER, "id")
    elif who.organization is not None:
        raise ValueError(f"the API key {who.name!r} works in its own organisation alone: leave organization out")
    if who.permissions is not None:
        key = replace(key, permissions=tuple(sorted(who.permissions)))
    if who.flags is not None:
        seed = _set_flags(seed, who.flags, key.user or key.id, key.organization)
    return World(_with_row(seed, "api_keys", key, "id"), {}, key.value)


def _find_user(seed: Seed, name: str) -> User:
    found = next((user for user in seed.users if name in (user.email, user.name, user.id)), None)
    if found is None:
        raise ValueError(_describe_unknown("person", name, [user.email for user in seed.users]))
    return found


def _choose_organization(seed: Seed, who: Person, user: User) -> Organization | None:
    if isinstance(who.organization, str):
        return _find_organization(seed, who.organization, is_made_up=user is USER)
    if who.organization is None:
        return None
    if user is USER:
        return ORGANIZATION
    theirs = seed.active_memberships(user.id)
    return seed.organization(theirs[0].organization) if theirs else None


def _find_organization(seed: Seed, name: str, *, is_made_up: bool) -> Organization:
    """A seeded organisation; a made-up caller may also be of a made-up one."""
    if (found := seed.organization(name)) is not None:
        return found
    if not is_made_up:
        raise ValueError(_describe_unknown("organisation", name, [each.name for each in seed.organizations]))
    return Organization(name if name.startswith("org_") else ORGANIZATION.id, name)


def _describe_unknown(kind: str, name: str, known: list[str]) -> str:
    return (
        f"infra/local/seed.toml has no {kind} {name!r}; it has {', '.join(known)}. Without a name, as_user(), "
        "as_machine() and as_api_key() make a caller up"
    )


def _add_membership(seed: Seed, who: Person, user: str, organization: str) -> Seed:
    existing = seed.membership(user, organization)
    if existing and who.role is None and who.permissions is None:
        return seed
    roles = (who.role,) if who.role else existing.all_roles if existing else (ROLE,)
    kept = tuple(row for row in seed.memberships if (row.user, row.organization) != (user, organization))
    id_ = existing.id if existing else "om_01TEST"
    membership = Membership(id_, user, organization, roles[0], roles=roles if len(roles) > 1 else ())
    seed = replace(seed, memberships=(*kept, membership))
    for place, slug in enumerate(roles):
        seed = _set_permissions(seed, slug, organization, who.permissions if place == 0 else None)
    return seed


def _set_permissions(seed: Seed, slug: str, organization: str, permissions: frozenset[str] | None) -> Seed:
    """Give a role exactly these permissions, or those of the seed, or none if the seed does not have the role."""
    applying = [role for role in seed.roles if role.slug == slug and role.organization in (None, organization)]
    if applying and permissions is None:
        return seed
    return _with_row(seed, "roles", Role(slug, slug, tuple(sorted(permissions or ()))), "slug")


def _set_flags(seed: Seed, slugs: frozenset[str], caller: str, organization: str | None) -> Seed:
    """Switch exactly these flags on for the caller and their organisation."""
    off = tuple(replace(flag, enabled=False) for flag in seed.feature_flags if flag.slug not in slugs)
    owners = (organization,) if organization else ()
    on = tuple(FeatureFlag(slug, slug, True, False, owners, (caller,)) for slug in sorted(slugs))
    return replace(seed, feature_flags=(*off, *on))


def _with_row(seed: Seed, table: str, row: object, key: str) -> Seed:
    """The seed with this row in the place of the one that has the same key."""
    others = [each for each in getattr(seed, table) if getattr(each, key) != getattr(row, key)]
    changes: dict[str, tuple[object, ...]] = {table: (*others, row)}
    return replace(seed, **changes)  # type: ignore[arg-type]
