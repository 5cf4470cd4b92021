"""Whether the seed agrees with itself: ids are unique and each reference leads somewhere."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from infra.local.seed_tables import SeedKeyError

if TYPE_CHECKING:
    from infra.local.seed import Seed

TEMPLATE_CLAIMS = frozenset({"role", "roles", "permissions"})


def check_seed(seed: "Seed") -> None:
    if not seed.users:
        raise SeedKeyError("users is empty; add at least one [[users]] table")
    _check_unique("users", "id", (user.id for user in seed.users))
    _check_unique("users", "email", (user.email for user in seed.users))
    _check_unique("organizations", "id", (each.id for each in seed.organizations))
    _check_unique("roles", "slug", (role.slug for role in seed.roles))
    _check_unique("memberships", "id", (each.id for each in seed.memberships))
    _check_unique("memberships", "user and organization", (f"{m.user} {m.organization}" for m in seed.memberships))
    _check_references(seed)
    if wrong := set(seed.template_claims) - TEMPLATE_CLAIMS:
        raise SeedKeyError(
            f"jwt_template.claims has {min(wrong)!r}; choose from {', '.join(sorted(TEMPLATE_CLAIMS))}"
        )


def _check_unique(table: str, key: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise SeedKeyError(f"{table}: two rows have the {key} {value!r}; change one")
        seen.add(value)


def _check_references(seed: "Seed") -> None:
    users = {user.id for user in seed.users}
    organizations = {organization.id for organization in seed.organizations}
    roles = {role.slug for role in seed.roles}
    for place, row in enumerate(seed.memberships):
        where = f"memberships[{place}]"
        _check_known(f"{where}.user", row.user, users, "[[users]]")
        _check_known(f"{where}.organization", row.organization, organizations, "[[organizations]]")
        _check_known(f"{where}.role", row.role, roles, "[[roles]]")
    _check_known("machine_application.organization", seed.machine.organization, organizations, "[[organizations]]")


def _check_known(where: str, value: str, known: set[str], table: str) -> None:
    if value not in known:
        raise SeedKeyError(f"{where} is {value!r}, which no {table} table has; add one or correct the value")
