"""The values that the templates of the login pages show."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.local.authkit.logins import AuthorizationRequest
from infra.local.authkit.redirect_uris import shown_host
from infra.local.authkit.resources import ResourceIndicators
from infra.local.seed.rows import Membership, Seed, User

SCOPE_MEANINGS = {
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your email address",
    "offline_access": "Stay connected while you are away",
}


@dataclass(frozen=True, slots=True)
class OrganizationView:
    id: str
    name: str
    role: str
    """The names of its roles."""


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    initials: str
    organizations: tuple[OrganizationView, ...]


@dataclass(frozen=True, slots=True)
class ConsentView:
    client: str
    document_host: str | None
    redirect_host: str
    resource: str | None
    resource_refused: bool
    scopes: tuple[tuple[str, str], ...]
    person: Person


def people(seed: Seed) -> tuple[Person, ...]:
    return tuple(_person(seed, user) for user in seed.users)


def consent_view(
    request: AuthorizationRequest, user_id: str, seed: Seed, resources: ResourceIndicators
) -> ConsentView:
    client, resource = request.client, request.resource
    is_document = client.client_id.startswith("https://")
    return ConsentView(
        client=client.name,
        document_host=urlsplit(client.client_id).netloc if is_document else None,
        redirect_host=shown_host(request.redirect_uri),
        # Without any indicator AuthKit ignores the requested resource.
        resource=(resource or resources.default) if resources.uris else None,
        resource_refused=bool(resource and resources.uris) and resource not in resources.uris,
        scopes=tuple((scope, SCOPE_MEANINGS.get(scope, "Custom scope")) for scope in request.scope.split()),
        person=next(person for person in people(seed) if person.user.id == user_id),
    )


def _roles(seed: Seed, membership: Membership) -> str:
    return ", ".join(seed.role(slug).name for slug in membership.all_roles)


def _person(seed: Seed, user: User) -> Person:
    organizations = tuple(
        OrganizationView(organization.id, organization.name, _roles(seed, membership))
        for membership in seed.active_memberships(user.id)
        for organization in seed.organizations
        if organization.id == membership.organization
    )
    return Person(user, user.first_name[:1] + user.last_name[:1], organizations)
