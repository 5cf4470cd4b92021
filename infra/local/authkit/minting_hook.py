"""`POST /_local/token`: an access token without a login, for `make token` and for tests."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.authkit.authorize import DEFAULT_SCOPE
from infra.local.authkit.consents import Consent
from infra.local.authkit.errors import OAuthError
from infra.local.authkit.identifiers import new_id
from infra.local.authkit.mint import Mint
from infra.local.authkit.resources import ResourceIndicators
from infra.local.authkit.signing_keys import Claims
from infra.local.seed import User

LOCAL_CLIENT_ID = "client_01LOCALCOMMANDLINE00000000"
KEYS = frozenset(
    {"user", "organization", "scope", "audience", "resource", "lifetime", "machine", "claims", "client_id"}
)
Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MintingHook:
    mint: Mint
    resources: ResourceIndicators

    def token(self, body: Body) -> str:
        """A token as the body describes it.

        What is left out is as a login of the first seeded user would have it. `lifetime` may be
        negative; `claims` replaces claims, and null takes one away.
        """
        if unknown := sorted(set(body) - KEYS):
            raise _wrong(f"{unknown[0][:40]!r} is not a field; use: {', '.join(sorted(KEYS))}.")
        claims = self._machine_claims(body) if _is_machine(body) else self._user_claims(body)
        if (audience := _string(body, "audience")) is not None:
            claims["aud"] = audience
        now = int(self.mint.clock())
        claims |= {"iat": now, "exp": now + _lifetime(body, self.mint.lifetime)}
        claims |= _overrides(body)
        return self.mint.sign({name: value for name, value in claims.items() if value is not None})

    def _machine_claims(self, body: Body) -> Claims:
        return self.mint.machine_claims(_string(body, "scope") or " ".join(self.mint.seed.machine.scopes))

    def _user_claims(self, body: Body) -> Claims:
        user = self._user(body)
        scope, resource = _string(body, "scope") or DEFAULT_SCOPE, _string(body, "resource")
        consent = Consent(
            sid=new_id("app_consent"),
            client_id=_string(body, "client_id") or LOCAL_CLIENT_ID,
            user_id=user.id,
            organization_id=self._organization_id(body, user),
            scope=scope,
            resource=resource,
        )
        return self.mint.user_claims(consent, self.resources.audience(resource), scope)

    def _user(self, body: Body) -> User:
        seed = self.mint.seed
        user = seed.user(_string(body, "user") or seed.users[0].id)
        if user is None:
            raise _wrong(f"No such user; seeded are: {', '.join(each.email for each in seed.users)}.")
        return user

    def _organization_id(self, body: Body, user: User) -> str | None:
        """Left out: the user's first organisation, as the consent page has it. Null: none."""
        seed = self.mint.seed
        theirs = [membership.organization for membership in seed.memberships_of(user.id)]
        if "organization" not in body:
            return theirs[0] if theirs else None
        asked = _string(body, "organization")
        if asked is None:
            return None
        found = seed.organization(asked)
        if found is None or found.id not in theirs:
            names = [each.name for each in seed.organizations if each.id in theirs]
            raise _wrong(f"{user.email} is in no such organization; theirs: {', '.join(names) or 'none'}.")
        return found.id


def _string(body: Body, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(f"{name} must be a string.")
    return value or None


def _is_machine(body: Body) -> bool:
    machine = body.get("machine", False)
    if not isinstance(machine, bool):
        raise _wrong("machine must be true or false.")
    return machine


def _lifetime(body: Body, default: int) -> int:
    lifetime = body.get("lifetime", default)
    if not isinstance(lifetime, int) or isinstance(lifetime, bool):
        raise _wrong("lifetime must be a whole number of seconds; negative for an expired token.")
    return lifetime


def _overrides(body: Body) -> Claims:
    claims = body.get("claims", {})
    if not isinstance(claims, dict):
        raise _wrong("claims must be an object.")
    return claims


def _wrong(description: str) -> OAuthError:
    return OAuthError("invalid_request", description)
