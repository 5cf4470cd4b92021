"""Resources of fine-grained authorization: those of the seed, and one root resource for each organisation."""

from collections.abc import Callable

from infra.local.seed.rows import ORGANIZATION_TYPE, Organization, Resource, Seed
from infra.local.workos_api.errors import EntityNotFound


class ProtectedResources:
    def __init__(self, seed: Seed) -> None:
        self._resources = (*seed.resources, *(_root(organization) for organization in seed.organizations))

    def by_id(self, organization: str, id_: str) -> Resource:
        """Find a resource of the organisation by its id.

        Raises:
            EntityNotFound: if there is none, or it belongs to another organisation.
        """
        return self._find(organization, id_, lambda each: each.id == id_)

    def by_external_id(self, organization: str, type_: str, external_id: str) -> Resource:
        """Find a resource of the organisation by its id in the customer's system."""
        wanted = (type_, external_id)
        return self._find(organization, external_id, lambda each: (each.type, each.external_id) == wanted)

    def _find(self, organization: str, named: str, is_it: Callable[[Resource], bool]) -> Resource:
        mine = (each for each in self._resources if each.organization == organization)
        found = next((each for each in mine if is_it(each)), None)
        if found is None:
            raise EntityNotFound("Authorization Resource", named)
        return found


def _root(organization: Organization) -> Resource:
    """The root resource.

    Its external id is that of the organisation, or the organisation's id if it has none, as here.
    """
    id_ = f"authz_resource_{organization.id.removeprefix('org_')}"
    return Resource(id_, organization.id, ORGANIZATION_TYPE, organization.id, organization.name)
