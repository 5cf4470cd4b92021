"""Checks of the seeded API keys: WorkOS could have issued each of them."""

import re
from datetime import datetime

from infra.local.seed.rows import ApiKey, Seed
from infra.local.seed.tables import SeedKeyError, check_known, check_unique

_VALUE = re.compile(r"sk_[A-Za-z0-9_]{16,200}")


def check_api_keys(seed: Seed) -> None:
    """Check all keys.

    Raises:
        SeedKeyError: at the first key that contradicts another row or WorkOS' own rules.
    """
    check_unique("api_keys", "id", (key.id for key in seed.api_keys))
    check_unique("api_keys", "name", (key.name for key in seed.api_keys))
    check_unique("api_keys", "value", (key.value for key in seed.api_keys))
    organizations = {organization.id for organization in seed.organizations}
    permissions = {slug for role in seed.roles for slug in role.permissions}
    for place, key in enumerate(seed.api_keys):
        where = f"api_keys[{place}]"
        check_known(f"{where}.organization", key.organization, organizations, "[[organizations]]")
        for slug in key.permissions:
            check_known(f"{where}.permissions", slug, permissions, "[[roles]]")
        _check_key(where, key)
        if key.user is not None and seed.membership(key.user, key.organization) is None:
            raise SeedKeyError(f"{where}.user has no active membership in its organization; add one")


def _check_key(where: str, key: ApiKey) -> None:
    if not key.id.startswith("api_key_"):
        raise SeedKeyError(f"{where}.id is {key.id!r}; begin it with 'api_key_'")
    if not _VALUE.fullmatch(key.value):
        raise SeedKeyError(f"{where}.value must be 'sk_' and 16 to 200 letters, digits and underscores")
    if key.expires_at is not None and not _is_time(key.expires_at):
        raise SeedKeyError(f"{where}.expires_at must be a time such as 2026-01-01T00:00:00.000Z")


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
