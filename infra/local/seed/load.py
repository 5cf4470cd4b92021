"""Reads `seed.toml`: who exists in the local AuthKit and WorkOS API.

The file is checked once, at start, so that all other code can rely on every id that a row names.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.seed.checks import check_seed
from infra.local.seed.rows import (
    ApiKey,
    AuditLogAction,
    Connection,
    DataProvider,
    Directory,
    Environment,
    FeatureFlag,
    IntrospectionApplication,
    MachineApplication,
    Membership,
    Organization,
    ProviderAccount,
    Resource,
    ResourceGrant,
    Role,
    Seed,
    User,
)
from infra.local.seed.tables import SeedKeyError, read_row, read_rows

SEED_FILE = Path(os.environ.get("SEED_FILE") or Path(__file__).parents[1] / "seed.toml")


class SeedError(Exception):
    """The seed file cannot be used; the message names the file, the key and the fix."""


def load_seed(path: Path = SEED_FILE) -> Seed:
    """Read the seed file.

    Raises:
        SeedError: if the file is missing, is not valid TOML or contradicts itself.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        seed = _read_seed(document)
        check_seed(seed)
    except FileNotFoundError as error:
        raise SeedError(f"{path} does not exist; restore it from version control") from error
    except tomllib.TOMLDecodeError as error:
        raise SeedError(f"{path} is not valid TOML: {error}") from error
    except SeedKeyError as error:
        raise SeedError(f"{path}: {error}") from error
    return seed


def _read_seed(document: Mapping[str, object]) -> Seed:
    template = document.get("jwt_template", {"claims": []})
    return Seed(
        environment=read_row(Environment, document.get("environment"), "environment"),
        template_claims=read_row(_Template, template, "jwt_template").claims,
        users=read_rows(User, document, "users"),
        organizations=read_rows(Organization, document, "organizations"),
        roles=read_rows(Role, document, "roles"),
        memberships=read_rows(Membership, document, "memberships"),
        machines=read_rows(MachineApplication, document, "machine_applications"),
        introspection=read_row(
            IntrospectionApplication, document.get("introspection_application"), "introspection_application"
        ),
        directories=read_rows(Directory, document, "directories"),
        connections=read_rows(Connection, document, "connections"),
        feature_flags=read_rows(FeatureFlag, document, "feature_flags"),
        audit_log_actions=read_rows(AuditLogAction, document, "audit_log_actions"),
        resources=read_rows(Resource, document, "resources"),
        resource_grants=read_rows(ResourceGrant, document, "resource_grants"),
        api_keys=read_rows(ApiKey, document, "api_keys"),
        data_providers=read_rows(DataProvider, document, "data_providers"),
        provider_accounts=read_rows(ProviderAccount, document, "provider_accounts"),
    )


@dataclass(frozen=True, slots=True)
class _Template:
    claims: tuple[str, ...]
