"""Permissions: all that roles or grants of the seed name."""

from infra.local.seed.rows import Seed
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import seeded_times


def permission_rows(seed: Seed) -> list[Row]:
    types = dict.fromkeys((slug for role in seed.roles for slug in role.permissions), "organization")
    resources = {resource.id: resource.type for resource in seed.resources}
    for grant in seed.resource_grants:
        types |= dict.fromkeys(grant.permissions, resources[grant.resource])
    return [_row(slug, type_, place) for place, (slug, type_) in enumerate(types.items())]


def _row(slug: str, resource_type: str, place: int) -> Row:
    return {
        "object": "permission",
        "id": f"perm_01LOCAL{place:019}",
        "slug": slug,
        "name": slug.replace(":", " ").capitalize(),
        "description": None,
        "system": False,
        "resource_type_slug": resource_type,
        **seeded_times(place),
    }
