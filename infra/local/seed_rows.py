"""Rows of the seed that AuthKit and the WorkOS API share: who exists, and in which environment."""

from dataclasses import dataclass


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
    """The organisation whose own role it is; None for a role of the environment."""


@dataclass(frozen=True, slots=True)
class Membership:
    id: str
    user: str
    organization: str
    role: str
    status: str = "active"
    roles: tuple[str, ...] = ()
    """All of its roles, `role` first, where there is more than that one."""

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
class IntrospectionApplication:
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True, slots=True)
class Environment:
    """One WorkOS environment: its client id is the `aud` of tokens without a resource."""

    client_id: str
    api_key: str
    extra_scopes: tuple[str, ...]
    multiple_roles: bool = False
    """Whether a membership may have several roles, which a new environment does not allow."""
