"""Who exists in the local AuthKit and WorkOS API: users, organisations, roles, memberships, applications.

One readable file, `seed.toml`, is checked once at start, so that everything behind it can
trust that each id it follows leads somewhere.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from infra.local.seed_api import AuditLogAction, Connection, Directory, FeatureFlag, Resource, ResourceGrant
from infra.local.seed_checks import check_seed
from infra.local.seed_rows import (
    Environment,
    IntrospectionApplication,
    MachineApplication,
    Membership,
    Organization,
    Role,
    User,
)
from infra.local.seed_tables import SeedKeyError, row, rows

__all__ = [
    "SEED_FILE",
    "Environment",
    "MachineApplication",
    "Membership",
    "Organization",
    "Role",
    "Seed",
    "SeedError",
    "User",
    "load_seed",
]

SEED_FILE = Path(__file__).with_name("seed.toml")


class SeedError(Exception):
    """The seed file cannot be used; the message names the file, the key and the fix."""


@dataclass(frozen=True, slots=True)
class Seed:
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

    def for_environment(self, client_id: str) -> "Seed":
        """The same people in an environment with another client id."""
        return replace(self, environment=replace(self.environment, client_id=client_id))

    def with_scopes(self, extra_scopes: tuple[str, ...]) -> "Seed":
        """The same people in an environment with these custom scopes."""
        return replace(self, environment=replace(self.environment, extra_scopes=extra_scopes))

    def user(self, id_or_email: str) -> User | None:
        return next((user for user in self.users if id_or_email in (user.id, user.email)), None)

    def organization(self, id_or_name: str) -> Organization | None:
        return next((each for each in self.organizations if id_or_name in (each.id, each.name)), None)

    @property
    def machine(self) -> MachineApplication:
        """The one that `make token MACHINE=1` speaks for."""
        return self.machines[0]

    def machine_application(self, id_or_name: str) -> MachineApplication | None:
        return next((each for each in self.machines if id_or_name in (each.client_id, each.name)), None)

    def role(self, slug: str) -> Role:
        return next(role for role in self.roles if role.slug == slug)

    def memberships_of(self, user_id: str) -> tuple[Membership, ...]:
        """Those that open a login: an inactive or pending one does not."""
        return tuple(each for each in self.memberships if each.user == user_id and each.status == "active")

    def membership(self, user_id: str, organization_id: str) -> Membership | None:
        return next((m for m in self.memberships_of(user_id) if m.organization == organization_id), None)


def load_seed(path: Path = SEED_FILE) -> Seed:
    """Read the seed file.

    Raises:
        SeedError: if the file is missing, is no TOML or contradicts itself.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        seed = _seed(document)
        check_seed(seed)
    except FileNotFoundError as error:
        raise SeedError(f"{path} does not exist; restore it from version control") from error
    except tomllib.TOMLDecodeError as error:
        raise SeedError(f"{path} is not valid TOML: {error}") from error
    except SeedKeyError as error:
        raise SeedError(f"{path}: {error}") from error
    return seed


def _seed(document: Mapping[str, object]) -> Seed:
    template = document.get("jwt_template", {"claims": []})
    return Seed(
        environment=row(Environment, document.get("environment"), "environment"),
        template_claims=row(_Template, template, "jwt_template").claims,
        users=rows(User, document, "users"),
        organizations=rows(Organization, document, "organizations"),
        roles=rows(Role, document, "roles"),
        memberships=rows(Membership, document, "memberships"),
        machines=rows(MachineApplication, document, "machine_applications"),
        introspection=row(
            IntrospectionApplication, document.get("introspection_application"), "introspection_application"
        ),
        directories=rows(Directory, document, "directories"),
        connections=rows(Connection, document, "connections"),
        feature_flags=rows(FeatureFlag, document, "feature_flags"),
        audit_log_actions=rows(AuditLogAction, document, "audit_log_actions"),
        resources=rows(Resource, document, "resources"),
        resource_grants=rows(ResourceGrant, document, "resource_grants"),
    )


@dataclass(frozen=True, slots=True)
class _Template:
    claims: tuple[str, ...]
