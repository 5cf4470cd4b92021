"""What the `requires` of a team's tools, prompts and resources name in WorkOS: permissions, roles and scopes."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

_FOLDERS = ("tools", "prompts", "resources")
_STANDARD_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})


class CatalogueUnreadable(Exception):
    """A file of the team cannot be served; the message names the file and the fix."""


@dataclass(frozen=True, slots=True)
class RequiredGrants:
    permissions: Mapping[str, tuple[str, ...]]
    """By slug, the names of those that require it."""
    roles: Mapping[str, tuple[str, ...]]
    scopes: tuple[str, ...] = ()
    """The scopes of the team's own."""


def read_required_grants(*, examples: bool) -> RequiredGrants:
    """Collect what is required in app/, and in examples/ too if the deployment serves them.

    Raises:
        CatalogueUnreadable: if the server could not start with these files.
    """
    # Here, because this imports the MCP SDK and all tools, which the other steps do not need.
    from app.access.declaration import list_leaves
    from app.access.requirements import Permission, Role, Scope
    from app.protocol.catalogue.catalogue import collect_prompts, collect_resources, collect_tools
    from app.protocol.catalogue.definition import CatalogueError, Definition

    try:
        tools, prompts, resources = (
            [import_module(f"{root}.{folder}") for root in ("app", *(["examples"] if examples else []))]
            for folder in _FOLDERS
        )
        offered: list[Definition[Any]] = [
            *collect_tools(*tools),
            *collect_prompts(*prompts),
            *collect_resources(*resources),
        ]
    except (CatalogueError, ImportError) as error:
        raise CatalogueUnreadable(str(error)) from error
    users: dict[tuple[type, str], dict[str, None]] = {}
    for each in offered:
        for leaf in list_leaves(each.metadata.access.requires):
            if isinstance(leaf, Permission | Role):
                users.setdefault((type(leaf), leaf.slug), {})[each.name] = None
            elif isinstance(leaf, Scope):
                users.setdefault((Scope, leaf.name), {})[each.name] = None
    by_slug = sorted(users.items(), key=lambda item: item[0][1])
    return RequiredGrants(
        {slug: tuple(names) for (kind, slug), names in by_slug if kind is Permission},
        {slug: tuple(names) for (kind, slug), names in by_slug if kind is Role},
        tuple(name for (kind, name), _ in by_slug if kind is Scope and name not in _STANDARD_SCOPES),
    )
