"""Rows of the seed that the WorkOS API alone knows."""

from dataclasses import dataclass

ORGANIZATION_TYPE = "organization"
"""The type of the resource that each organisation is itself, above all of its others."""


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory of Directory Sync, with the rule that makes its people."""

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
    """An action that was configured in the dashboard, with the types its targets may have."""

    action: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that fine-grained authorization protects."""

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
