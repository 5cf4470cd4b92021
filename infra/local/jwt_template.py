"""The environment's JWT template: what it may use, and the claims that it adds to users' tokens.

WorkOS renders it for AuthKit sessions and for Connect (MCP) tokens, never for machines. Its context has
the user, the organization and the membership with its roles, but no permissions and no feature flags.
"""

import json
from collections.abc import Iterable, Mapping

from infra.local.template_language import Context, Parts, TemplateError, parse, render

CLAIMS = {
    "role": "organization_membership.role",
    "roles": "organization_membership.roles",
    "organization_membership_id": "organization_membership.id",
}
"""Templates by the name of their claim, for developers who do not write their own."""
_NEVER = ("permissions", "feature_flags", "entitlements")
_RESERVED = ("iss", "sub", "exp", "iat", "nbf", "jti")
_MAX_CLAIMS_BYTES = 3072
_TIMES: dict[str, object] = {"created_at": "", "updated_at": ""}
# Sample values of the right type: WorkOS checks a template before there is a user to render it for.
_PROBE: dict[str, dict[str, object]] = {
    "user": dict.fromkeys(("object", "id", "email", "first_name", "last_name"), "")
    | {"email_verified": True, "profile_picture_url": "", "external_id": "", "locale": ""}
    | {"metadata": {}, "identities": {}}
    | _TIMES,
    "organization": {"object": "", "id": "", "name": "", "external_id": "", "stripe_customer_id": ""}
    | {"allow_profiles_outside_organization": False, "domains": [{}], "metadata": {}}
    | _TIMES,
    "organization_membership": {"object": "", "id": "", "role": "", "roles": [], "custom_attributes": {}} | _TIMES,
}


class JwtTemplate:
    """Empty at first; a new template replaces the old one as a whole, as in the dashboard."""

    def __init__(self, claims: Iterable[str] = ()) -> None:
        self.content: str | None = None
        self._parts: Parts = ()
        self.set_claims(claims)

    def use(self, text: str) -> None:
        """Use a whole template, or names of claims separated by spaces; an empty text removes the template."""
        if "{" in text:
            self.set_content(text)
        else:
            self.set_claims(text.split())

    def set_claims(self, names: Iterable[str]) -> None:
        """Use a template with these claims, each under its own name.

        Raises:
            TemplateError: if no template can add one of them.
        """
        names = tuple(names)
        check_claims(names)
        if names:
            self.set_content("{" + ", ".join(f'"{name}": {{{{ {CLAIMS[name]} }}}}' for name in names) + "}")
        else:
            self.content, self._parts = None, ()

    def set_content(self, content: str) -> None:
        """Use this template.

        Raises:
            TemplateError: if WorkOS would refuse it.
        """
        parts = parse(content)
        for part in parts:
            for path in () if isinstance(part, str) else part.paths:
                _check_path(path)
        if reserved := [key for key in render(parts, _PROBE) if key in _RESERVED]:
            raise TemplateError(f"it sets {reserved[0]}, which is reserved: {', '.join(_RESERVED)}")
        self.content, self._parts = content, parts

    def render(self, context: Context) -> dict[str, object]:
        """Render the claims of one login, without null claims and without spaces around texts.

        Raises:
            TemplateError: if they are too large for the cookie in which WorkOS puts them.
        """
        if self.content is None:
            return {}
        rendered = {name: value for name, value in render(self._parts, context).items() if value is not None}
        claims = {name: value.strip() if isinstance(value, str) else value for name, value in rendered.items()}
        if len(json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()) > _MAX_CLAIMS_BYTES:
            raise TemplateError(f"it renders to more than {_MAX_CLAIMS_BYTES} bytes")
        return claims


def read_template(claims: Iterable[str], environ: Mapping[str, str]) -> JwtTemplate:
    """Read the template of JWT_TEMPLATE, or without it make one with these claims.

    Raises:
        TemplateError: if no JWT template can add them, or WorkOS would refuse it.
    """
    template = JwtTemplate(claims)
    try:
        if (text := environ.get("JWT_TEMPLATE")) is not None:
            template.use(text)
    except TemplateError as error:
        raise TemplateError(f"JWT_TEMPLATE: {error}") from None
    return template


def check_claims(names: Iterable[str]) -> None:
    for name in names:
        if name in _NEVER:
            raise TemplateError(
                f"no JWT template has {name}: WorkOS shows it a membership with its roles and no more"
            )
        if name not in CLAIMS:
            raise TemplateError(f"{name[:60]!r} is unknown; choose from {', '.join(CLAIMS)}, or write a template")


def _check_path(path: str) -> None:
    root, _, rest = path.partition(".")
    name = rest.partition(".")[0]
    if root not in _PROBE:
        raise TemplateError(f"{path[:60]!r} is an invalid path; begin with {', '.join(_PROBE)}")
    if name and name not in _PROBE[root]:
        raise TemplateError(f"{path[:60]!r} is an invalid path; {root} has {', '.join(_PROBE[root])}")
