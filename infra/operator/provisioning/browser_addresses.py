"""CORS origins, whose pages may ask AuthKit, and redirect URIs, to which AuthKit sends browsers back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from infra.operator.finding import passed, skipped
from infra.operator.provisioning.plan import Change, Item
from infra.operator.report import printable
from infra.operator.workos_api import WorkOSApi


@dataclass(frozen=True, slots=True)
class CorsOriginStep:
    """Pages that may call this server (ALLOWED_ORIGINS) ask AuthKit for their tokens too."""

    origins: Sequence[str]
    name: str = "cors-origins"

    async def plan(self, api: WorkOSApi) -> list[Item]:
        if not self.origins:
            return [skipped(self.name, "ALLOWED_ORIGINS names no browser origin")]
        web = [each for each in self.origins if each.startswith(("https://", "http://"))]
        others = [printable(each) for each in self.origins if each not in web]
        items = await _plan_addresses(self.name, "origin", web, "/user_management/cors_origins", api)
        if others:
            items.append(skipped(self.name, f"programs and extensions need none: {', '.join(others)}"))
        return items


@dataclass(frozen=True, slots=True)
class RedirectUriStep:
    uris: Sequence[str]
    name: str = "redirect-uris"

    async def plan(self, api: WorkOSApi) -> list[Item]:
        if not self.uris:
            why = (
                "MCP clients bring their own and machine applications have none; REDIRECT_URIS= adds the "
                "callbacks of a web application of yours"
            )
            return [skipped(self.name, why)]
        return await _plan_addresses(self.name, "uri", self.uris, "/user_management/redirect_uris", api)


async def _plan_addresses(
    step: str, field: str, addresses: Sequence[str], path: str, api: WorkOSApi
) -> list[Item]:
    known = {str(row.get(field)) for row in await api.list_all(path)} if addresses else set()
    there = [each for each in addresses if each in known]
    items: list[Item] = [passed(step, f"= {', '.join(there)}")] if there else []
    return items + [
        Change(f"+ {printable(each)}", partial(api.send, "POST", path, {field: each}))
        for each in dict.fromkeys(addresses)
        if each not in known
    ]
