"""`POST /_local/token`: an access token without a login, for `make token` and for tests."""

from dataclasses import dataclass

from infra.local.authkit.authorize import DEFAULT_SCOPE
from infra.local.authkit.consents import Consent
from infra.local.authkit.identifiers import new_id
from infra.local.authkit.mint import Mint
from infra.local.authkit.minting_fields import (
    Body,
    asked_machine,
    asks_web_session,
    check_fields,
    lifetime,
    overrides,
    string,
    wrong,
)
from infra.local.authkit.resources import ResourceIndicators
from infra.local.authkit.signing_keys import Claims
from infra.local.seed.rows import MachineApplication, User

LOCAL_CLIENT_ID = "client_01LOCALCOMMANDLINE00000000"


@dataclass(frozen=True, slots=True)
class MintingHook:
    mint: Mint
    resources: ResourceIndicators

    def token(self, body: Body) -> str:
        """Make a token as the body describes it.

        Missing fields get the values of a login of the first seeded user. `lifetime` may be negative.
        `claims` replaces claims; null removes one.
        """
        check_fields(body)
        claims = self._claims(body)
        if (audience := string(body, "audience")) is not None:
            claims["aud"] = audience
        now = int(self.mint.clock())
        claims |= {"iat": now, "exp": now + lifetime(body, self.mint.lifetime)}
        claims |= overrides(body)
        return self.mint.sign({name: value for name, value in claims.items() if value is not None})

    def _claims(self, body: Body) -> Claims:
        machine = asked_machine(body)
        if asks_web_session(body):
            user = self._user(body)
            return self.mint.web_session_claims(user, self._organization_id(body, user)) | _actor(body)
        return self._machine_claims(body, self._machine(machine)) if machine else self._user_claims(body)

    def _machine_claims(self, body: Body, machine: MachineApplication) -> Claims:
        return self.mint.machine_claims(machine, string(body, "scope") or " ".join(machine.scopes))

    def _machine(self, asked: str | bool) -> MachineApplication:
        machines = self.mint.seed.machines
        found = self.mint.seed.machine if asked is True else self.mint.seed.machine_application(str(asked))
        if found is None:
            raise wrong(f"No such machine application; seeded are: {', '.join(each.name for each in machines)}.")
        return found

    def _user_claims(self, body: Body) -> Claims:
        user = self._user(body)
        scope, resource = string(body, "scope") or DEFAULT_SCOPE, string(body, "resource")
        consent = Consent(
            sid=new_id("app_consent"),
            client_id=string(body, "client_id") or LOCAL_CLIENT_ID,
            user_id=user.id,
            organization_id=self._organization_id(body, user),
            scope=scope,
            resource=resource,
        )
        return self.mint.user_claims(consent, self.resources.audience(resource), scope) | _actor(body)

    def _user(self, body: Body) -> User:
        seed = self.mint.seed
        user = seed.user(string(body, "user") or seed.users[0].id)
        if user is None:
            raise wrong(f"No such user; seeded are: {', '.join(each.email for each in seed.users)}.")
        return user

    def _organization_id(self, body: Body, user: User) -> str | None:
        """Without the field, the user's first organisation, as on the consent page; null means none."""
        seed = self.mint.seed
        theirs = [membership.organization for membership in seed.active_memberships(user.id)]
        if "organization" not in body:
            return theirs[0] if theirs else None
        asked = string(body, "organization")
        if asked is None:
            return None
        found = seed.organization(asked)
        if found is None or found.id not in theirs:
            names = [each.name for each in seed.organizations if each.id in theirs]
            raise wrong(f"{user.email} is in no such organization; theirs: {', '.join(names) or 'none'}.")
        return found.id


def _actor(body: Body) -> Claims:
    """The claim `act` (RFC 8693 section 4.1).

    WorkOS documents it for session tokens. Whether the Connect token of an impersonated user has it is not known.
    """
    impersonator = string(body, "impersonator")
    return {"act": {"sub": impersonator}} if impersonator else {}
