"""The environment's JWT template, which adds role and membership to tokens. There is one for all applications."""

from dataclasses import dataclass

from infra.operator.finding import passed, warned
from infra.operator.provisioning.plan import Change, Item
from infra.operator.workos_api import WorkOSApi

CLAIMS = {
    "role": "organization_membership.role",
    "roles": "organization_membership.roles",
    "organization_membership_id": "organization_membership.id",
}
"""Claims that save a call to WorkOS. A template cannot add permissions: its context has none."""
TEMPLATE = "{" + ", ".join(f'"{name}": {{{{ {path} }}}}' for name, path in CLAIMS.items()) + "}"
_PAGE = "https://dashboard.workos.com, Authentication, Features, JWT Template"


@dataclass(frozen=True, slots=True)
class JwtTemplateStep:
    """Writes a template only where there is none: one that somebody wrote stays as it is."""

    name: str = "jwt-template"

    async def plan(self, api: WorkOSApi) -> list[Item]:
        content = await api.jwt_template()
        if content is None:
            return [
                Change(
                    f"+ JWT template {TEMPLATE}: it adds these claims to the tokens of MCP clients, and to "
                    "AuthKit's session tokens of this environment",
                    lambda: api.write_jwt_template(TEMPLATE),
                )
            ]
        if sets_aud(content):
            return [
                warned(
                    self.name,
                    "it sets aud, which overrides the resource indicator: tokens are refused",
                    f"{_PAGE}: take aud out",
                )
            ]
        missing = {name: path for name, path in CLAIMS.items() if f'"{name}"' not in content}
        if not missing:
            return [passed(self.name, "= it adds roles and membership, and leaves aud alone")]
        if list(missing) == ["roles"]:
            why = "it adds role without roles: of a member with several roles this server sees the first alone"
        else:
            why = f"it adds no {' and no '.join(missing)}: WorkOS is asked once a tool needs them"
        lines = ", ".join(f'"{name}": {{{{ {path} }}}}' for name, path in missing.items())
        return [
            warned(
                self.name,
                f"{why}. Somebody wrote this template, so it stays as it is",
                f"{_PAGE}: add {lines}",
            )
        ]


def sets_aud(template: str) -> bool:
    """Whether a JWT template replaces the audience that AuthKit gives a token."""
    return '"aud"' in template
