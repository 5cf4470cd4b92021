"""The permissions and roles that `requires` names. Which role has which permission is the team's decision."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.provisioning.plan import Change, Item
from infra.operator.report import printable
from infra.operator.workos_api import WorkOSApi

_PERMISSIONS, _ROLES = "/authorization/permissions", "/authorization/roles"
_PAGE = "https://dashboard.workos.com, Authorization, Roles"
MAX_DESCRIPTION_LENGTH = 150
MAX_NAME_LENGTH = 48
Users = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class PermissionStep:
    required: Users
    name: str = "permissions"

    async def plan(self, api: WorkOSApi) -> list[Item]:
        if not self.required:
            return [skipped(self.name, "no tool, prompt or resource requires a permission")]
        known = {str(row.get("slug")) for row in await api.list_all(_PERMISSIONS)}
        return _plan_slugs(api, "permission", self.required, known)


@dataclass(frozen=True, slots=True)
class RoleStep:
    required: Users
    permissions: Users
    name: str = "roles"

    async def plan(self, api: WorkOSApi) -> list[Item]:
        if not self.required and not self.permissions:
            return [skipped(self.name, "no tool, prompt or resource requires a role or a permission")]
        rows = await api.list_unpaged(_ROLES)
        carried = {str(row.get("slug")): row.get("permissions") for row in rows}
        items = _plan_slugs(api, "role", self.required, set(carried))
        without = sorted(slug for slug in self.required if carried.get(slug) == [])
        if without:
            items.append(passed(self.name, f"without any permission: {', '.join(without)}"))
        if not all(isinstance(slugs, list) for slugs in carried.values()):
            # An emulator may list roles without their permissions: then nothing is known of who has them.
            return items
        given = {slug for slugs in carried.values() if isinstance(slugs, list) for slug in slugs}
        return items + self._warn_of_unused(given)

    def _warn_of_unused(self, given: set[object]) -> list[Finding]:
        return [
            warned(
                self.name,
                f"no role has the permission {slug}, so nobody may use {_join(users)}, unless an organisation has "
                "a role of its own with it",
                f"{_PAGE}: give {slug} to the roles that shall have it. Which ones is your decision",
            )
            for slug, users in self.permissions.items()
            if slug not in given
        ]


def _plan_slugs(api: WorkOSApi, kind: str, required: Users, known: set[str]) -> list[Item]:
    step, path = f"{kind}s", f"/authorization/{kind}s"
    there = [slug for slug in required if slug in known]
    items: list[Item] = [passed(step, f"= {', '.join(there)}")] if there else []
    for slug, users in required.items():
        if slug in known:
            continue
        if not re.fullmatch(r"[a-z0-9_:.*-]{1,48}", slug):
            items.append(_refuse_slug(kind, slug, users))
            continue
        row = {"slug": slug, "name": _name(slug), "description": f"Required by {_join(users)}"}
        row["description"] = printable(row["description"], MAX_DESCRIPTION_LENGTH)
        items.append(Change(f"+ {kind} {slug}, for {_join(users)}", partial(api.send, "POST", path, row)))
    return items


def _refuse_slug(kind: str, slug: str, users: Sequence[str]) -> Finding:
    return failed(
        f"{kind}s",
        f'WorkOS takes no {kind} of the name {printable(slug)} ({kind}("{printable(slug)}") in {_join(users)})',
        "write at most 48 lower-case letters, digits, hyphens, underscores, colons and periods",
    )


def _name(slug: str) -> str:
    """The name that the dashboard shows: "reports:read" becomes "Reports read"."""
    return printable(re.sub(r"[:._*-]+", " ", slug).strip().capitalize() or slug, MAX_NAME_LENGTH)


def _join(users: Sequence[str]) -> str:
    return ", ".join(users)
