"""The rows of `seed.toml`, and the seed that they make together."""

from dataclasses import dataclass, replace
from typing import Self

ORGANIZATION_TYPE = "organization"
"""The type of the resource that WorkOS makes for each organisation, above the organisation's other resources."""

MEMBERSHIP_STATUSES = frozenset({"active", "inactive", "pending"})
"""The statuses that a membership of WorkOS may have."""

PROVIDER_OWNERS = frozenset({"user", "organization"})
"""Who may own a connection of WorkOS Pipes."""


@dataclass(frozen=True, slots=True)
class User:
    id: str
    email: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Organization:
    id: str
    name: str
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    slug: str
    name: str
    permissions: tuple[str, ...]
    organization: str | None = None
    """The organisation that defined this role for itself; None for a role of the whole environment."""


@dataclass(frozen=True, slots=True)
class Membership:
    id: str
    user: str
    organization: str
    role: str
    status: str = "active"
    roles: tuple[str, ...] = ()
    """All roles of this membership, `role` first; empty if `role` is the only one."""

    @property
    def all_roles(self) -> tuple[str, ...]:
        return self.roles or (self.role,)


@dataclass(frozen=True, slots=True)
class MachineApplication:
    client_id: str
    client_secret: str
    name: str
    organization: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key of WorkOS with its value, which WorkOS itself shows only once."""

    id: str
    value: str
    name: str
    organization: str
    user: str | None = None
    """The owner; None for a key of the organisation."""
    permissions: tuple[str, ...] = ()
    expires_at: str | None = None
    """As WorkOS writes it, such as 2026-01-01T00:00:00.000Z; None for a key that does not expire."""
    revoked: bool = False
    """Whether somebody deleted it: WorkOS then knows nothing of it any more."""


@dataclass(frozen=True, slots=True)
class IntrospectionApplication:
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True, slots=True)
class Environment:
    """One WorkOS environment. Its client id is the `aud` of tokens that were asked for without a resource."""

    client_id: str
    api_key: str
    extra_scopes: tuple[str, ...]
    multiple_roles: bool = False
    """Whether a membership may have several roles. WorkOS forbids that in a new environment."""


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory of Directory Sync, and the names and the number from which its people are made."""

    id: str
    organization: str
    name: str
    type: str
    domain: str
    people: int
    groups: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    state: str = "linked"


@dataclass(frozen=True, slots=True)
class Connection:
    id: str
    organization: str
    name: str
    type: str
    state: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeatureFlag:
    slug: str
    name: str
    enabled: bool
    default_value: bool
    organizations: tuple[str, ...]
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditLogAction:
    """An action that the WorkOS dashboard would have configured, with the types that its targets may have."""

    action: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of fine-grained authorization (FGA)."""

    id: str
    organization: str
    type: str
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ResourceGrant:
    membership: str
    resource: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataProvider:
    """A provider that the WorkOS dashboard would have under Pipes, and the scopes that WorkOS asks for there."""

    slug: str
    name: str
    scopes: tuple[str, ...]
    owner: str = "user"
    """Who owns its connections: "user", or "organization" for one that all members share."""


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """An account at a provider, with what its API has. It belongs to whoever signs in there."""

    provider: str
    login: str
    name: str
    repositories: tuple[str, ...] = ()
    private_repositories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seed:
    """The whole content of the seed file."""

    environment: Environment
    template_claims: tuple[str, ...]
    users: tuple[User, ...]
    organizations: tuple[Organization, ...]
    roles: tuple[Role, ...]
    memberships: tuple[Membership, ...]
    machines: tuple[MachineApplication, ...]
    introspection: IntrospectionApplication
    directories: tuple[Directory, ...] = ()
    connections: tuple[Connection, ...] = ()
    feature_flags: tuple[FeatureFlag, ...] = ()
    audit_log_actions: tuple[AuditLogAction, ...] = ()
    resources: tuple[Resource, ...] = ()
    resource_grants: tuple[ResourceGrant, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    data_providers: tuple[DataProvider, ...] = ()
    provider_accounts: tuple[ProviderAccount, ...] = ()

    def for_environment(self, client_id: str) -> Self:
        """A copy of this seed whose environment has another client id."""
        return replace(self, environment=replace(self.environment, client_id=client_id))

    def with_scopes(self, extra_scopes: tuple[str, ...]) -> Self:
        """A copy of this seed whose environment has these custom scopes."""
        return replace(self, environment=replace(self.environment, extra_scopes=extra_scopes))

    def user(self, id_or_email: str) -> User | None:
        return next((user for user in self.users if id_or_email in (user.id, user.email)), None)

    def organization(self, id_or_name: str) -> Organization | None:
        return next((each for each in self.organizations if id_or_name in (each.id, each.name)), None)

    @property
    def machine(self) -> MachineApplication:
        """The machine application whose token `make token MACHINE=1` prints."""
        return self.machines[0]

    def machine_application(self, id_or_name: str) -> MachineApplication | None:
        return next((each for each in self.machines if id_or_name in (each.client_id, each.name)), None)

    def api_key(self, id_or_name: str) -> ApiKey | None:
        return next((each for each in self.api_keys if id_or_name in (each.id, each.name)), None)

    def role(self, slug: str) -> Role:
        return next(role for role in self.roles if role.slug == slug)

    def active_memberships(self, user_id: str) -> tuple[Membership, ...]:
        """The memberships with which this user can log in. Inactive and pending ones are left out."""
        return tuple(each for each in self.memberships if each.user == user_id and each.status == "active")

    def membership(self, user_id: str, organization_id: str) -> Membership | None:
        return next((m for m in self.active_memberships(user_id) if m.organization == organization_id), None)
