"""Access token in, Session out: the token rules, in the order in which they are decided."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.auth.claims import Claims, build_session, read_required_text, read_required_time
from app.auth.refusals import Reason, TokenRefused
from app.auth.session import Session
from app.auth.signing_keys import SigningKeys
from app.auth.token import parse_token

logger = logging.getLogger(__name__)

LEEWAY_SECONDS = 30.0
"""How much the clocks of AuthKit and this function may differ."""

WEB_SESSION_PREFIX = "session_"
"""The start of `sid` in the session token of a web application (WorkOS docs, Session tokens)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What a token must say to be meant for this server."""

    issuer: str
    resource: str
    """The resource indicator, BASE_URL + "/mcp"."""
    client_id: str
    """The WorkOS environment's client id: the audience of machine tokens, and of tokens without an indicator."""
    audience: Literal["resource", "client_id", "both"] = "resource"
    """Which of the two a user's token must have as audience (the setting TOKEN_AUDIENCE)."""
    allow_machines: bool = False


class Verifier:
    """Checks tokens against the rules and the issuer's signing keys, without HTTP."""

    def __init__(self, rules: TokenRules, keys: SigningKeys, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._keys = keys
        self._clock = clock
        both = {rules.resource, rules.client_id}
        self._accepted = {"resource": {rules.resource}, "client_id": {rules.client_id}, "both": both}[
            rules.audience
        ]
        self._machine_audiences = both

    async def verify(self, token: str) -> Session:
        """Return the caller that the token proves.

        Raises:
            TokenRefused: with the rule that the token breaks.
            KeysUnavailable: if the signing keys cannot be fetched.
        """
        signed = parse_token(token)
        claims = signed.read_claims(await self._keys.find(signed.key_id))
        self._check_issuer(claims)
        self._check_times(claims)
        _refuse_web_session(claims)
        session = build_session(claims)
        self._check_machine(session)
        self._check_audience(claims, session)
        return session

    def _check_issuer(self, claims: Claims) -> None:
        # One key signs several token families of WorkOS: issuer and audience tell them apart.
        if read_required_text(claims, "iss") != self._rules.issuer:
            raise TokenRefused(Reason.ISSUER)

    def _check_times(self, claims: Claims) -> None:
        now = self._clock()
        if now >= read_required_time(claims, "exp") + LEEWAY_SECONDS:
            raise TokenRefused(Reason.EXPIRED)
        if "nbf" in claims and now < read_required_time(claims, "nbf") - LEEWAY_SECONDS:
            raise TokenRefused(Reason.NOT_YET_VALID)
        if now < read_required_time(claims, "iat") - LEEWAY_SECONDS:
            raise TokenRefused(Reason.ISSUED_IN_FUTURE)

    def _check_machine(self, session: Session) -> None:
        if not session.is_machine:
            return
        if not self._rules.allow_machines:
            raise TokenRefused(Reason.MACHINE_NOT_ALLOWED)
        if "sid" in session.claims:
            raise TokenRefused(Reason.MACHINE_WITH_SESSION)

    def _check_audience(self, claims: Claims, session: Session) -> None:
        audiences = _read_audiences(claims)
        # WorkOS gives machine tokens the environment's client id as audience, even if they asked for a resource.
        # The resource is accepted too, in case WorkOS begins to honour it.
        accepted = self._machine_audiences if session.is_machine else self._accepted
        if not audiences & accepted:
            raise TokenRefused(Reason.AUDIENCE)
        if self._rules.audience == "both" and not session.is_machine and self._rules.resource not in audiences:
            # An operator counts this line and so sees when the migration is over. Every log level keeps it.
            logger.warning(
                "legacy audience accepted",
                extra={"reason": "legacy_audience", "client_id": session.client_id},
            )


def _refuse_web_session(claims: Claims) -> None:
    """Refuse the token that a web application gets from AuthKit when its user signs in.

    It proves that sign-in, but not that the user let an MCP client act for them. Otherwise it may look like an MCP
    token: the same key, with a custom domain the same issuer, a `client_id` and a `jti`, and the audience of a JWT
    template. Two claims differ. Its `sid` names the sign-in (`session_...`; an MCP token has the consent there,
    `app_consent_...`), and it has no `scope`, because the user granted none. A token is refused only if both are
    so: docs/decisions/0028-web-session-tokens.md.
    """
    sid = claims.get("sid")
    if isinstance(sid, str) and sid.startswith(WEB_SESSION_PREFIX) and claims.get("scope") is None:
        raise TokenRefused(Reason.WEB_SESSION)


def _read_audiences(claims: Claims) -> set[str]:
    value = claims.get("aud")
    if isinstance(value, str):  # RFC 7519 section 4.1.3: one string or a list of them
        return {value}
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return set(value)
    raise TokenRefused(Reason.MISSING_CLAIM if value is None else Reason.MALFORMED_CLAIM, detail="aud")
