"""The MCP resource indicator, for which AuthKit issues tokens (RFC 8707)."""

from dataclasses import dataclass

from infra.operator.finding import Finding, passed, warned
from infra.operator.provisioning.plan import Change, Item
from infra.operator.report import printable
from infra.operator.workos_api import WorkOSApi


@dataclass(frozen=True, slots=True)
class IndicatorStep:
    resource: str
    name: str = "indicator"

    async def plan(self, api: WorkOSApi) -> list[Item]:
        indicators = await api.indicators()
        if any(each.uri == self.resource for each in indicators):
            return [passed(self.name, f"= {self.resource} is registered")]
        first = not indicators
        change = Change(
            f"+ {self.resource}{' as the default' if first else ''}",
            lambda: api.add_indicator(self.resource, default=first),
        )
        return [
            change,
            *([_warn_of_first(self.resource)] if first else []),
            *_warn_of_similar(self.resource, [each.uri for each in indicators]),
        ]


def _warn_of_first(resource: str) -> Finding:
    return warned(
        "environment",
        f"{resource} is the first indicator of this WorkOS environment: from now on AuthKit refuses the others "
        "(invalid_target), where it ignored them before, and tokens are for this one by default",
        "register every other MCP server of the environment too; TOKEN_AUDIENCE=both here, while old tokens live",
    )


def _warn_of_similar(resource: str, uris: list[str]) -> list[Finding]:
    close = [printable(uri) for uri in uris if uri.rstrip("/") == resource.rstrip("/")]
    return [
        warned(
            "similar",
            f"{uri} stays registered; it is another resource, by a slash",
            "delete it in the dashboard (Connect, Configuration), if nothing uses it: its consents go with it",
        )
        for uri in close
    ]
