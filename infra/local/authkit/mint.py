"""Make tokens with exactly the claims that AuthKit gives them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.local.authkit.consents import Consent
from infra.local.authkit.errors import OAuthError
from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id, ulid
from infra.local.authkit.signing_keys import Claims, SigningKeys
from infra.local.authkit.template_context import template_context
from infra.local.jwt_template import JwtTemplate
from infra.local.seed.rows import MachineApplication, Seed, User
from infra.local.template_language import TemplateError


@dataclass(frozen=True, slots=True)
class Mint:
    issuer: str
    seed: Seed
    template: JwtTemplate
    keys: SigningKeys
    lifetime: int
    clock: Clock

    def __post_init__(self) -> None:
        parts = urlsplit(self.issuer)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
            raise ValueError(f"issuer is {self.issuer!r}; give an origin without a trailing slash")

    def user_claims(self, consent: Consent, audience: str, scope: str) -> Claims:
        claims: Claims = {
            "iss": self.issuer,
            "aud": audience,
            "sub": consent.user_id,
            "client_id": consent.client_id,
            "sid": consent.sid,
            **self._times(),
            "scope": scope,
        }
        if consent.organization_id:
            claims["org_id"] = consent.organization_id
        return claims | self._template_claims(consent)

    def machine_claims(self, machine: MachineApplication, scope: str) -> Claims:
        """`aud` is always the environment's client id, never a resource, and no JWT template adds to it."""
        return {
            "iss": self.issuer,
            "aud": self.seed.environment.client_id,
            "sub": machine.client_id,
            "client_id": machine.client_id,
            "org_id": machine.organization,
            **self._times(),
            "scope": scope,
        }

    def web_session_claims(self, user: User, organization_id: str | None) -> Claims:
        """The claims of the token that a web application gets when its user signs in. No MCP server accepts it.

        With a custom domain AuthKit puts that domain into `iss`, as here; otherwise `iss` is
        `https://api.workos.com/user_management/<client id>`. Only a JWT template adds `aud`.
        """
        claims: Claims = {
            "iss": self.issuer,
            "sub": user.id,
            "client_id": self.seed.environment.client_id,
            "sid": new_id("session"),
            **self._times(),
        }
        membership = self.seed.membership(user.id, organization_id) if organization_id else None
        if membership:
            permissions = {slug for role in membership.all_roles for slug in self.seed.role(role).permissions}
            claims |= {"org_id": membership.organization, "role": membership.role}
            claims |= {"roles": list(membership.all_roles), "permissions": sorted(permissions)}
        return claims | self._rendered(user, organization_id)

    def id_claims(self, consent: Consent, user: User, scope: str, nonce: str | None) -> Claims:
        """The claims of an ID token, which is for the application: no jti, sid or client_id."""
        times = self._times()
        return {
            "iss": self.issuer,
            "aud": consent.client_id,
            "exp": times["exp"],
            "iat": times["iat"],
            **profile_claims(user, scope),
            **({"nonce": nonce} if nonce else {}),
        }

    def sign(self, claims: Claims) -> str:
        return self.keys.current.sign(claims)

    def _times(self) -> Claims:
        now = int(self.clock())
        return {"jti": ulid(), "exp": now + self.lifetime, "iat": now}

    def _template_claims(self, consent: Consent) -> Claims:
        """The claims that the JWT template adds or replaces, without the reserved ones."""
        user = self.seed.user(consent.user_id)
        return {} if user is None else self._rendered(user, consent.organization_id)

    def _rendered(self, user: User, organization_id: str | None) -> Claims:
        try:
            return self.template.render(template_context(self.seed, user, organization_id))
        except TemplateError as error:
            raise OAuthError("server_error", f"The JWT template cannot be rendered: {error}.", 500) from None


def profile_claims(user: User, scope: str) -> Claims:
    """The claims about a user for the scopes `email` and `profile` (OpenID Connect Core section 5.4)."""
    claims: Claims = {"sub": user.id}
    if "email" in scope.split():
        claims |= {"email": user.email, "email_verified": True}
    if "profile" in scope.split():
        claims |= {"name": user.name, "given_name": user.first_name, "family_name": user.last_name}
    return claims
