"""Access token in, Session out: the token rules, in the order in which they are decided."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from app.auth.claims import (
    Claims,
    optional_text,
    read_only,
    required_text,
    required_time,
    text_list,
)
from app.auth.jwks import SigningKeys
from app.auth.jws import parse
from app.auth.refusals import Reason, TokenRefused
from app.auth.session import Session

logger = logging.getLogger(__name__)

LEEWAY = 30.0
"""Seconds of clock difference between AuthKit and this function that are forgiven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What a token must say to be meant for this server."""

    issuer: str
    resource: str
    """The resource indicator, BASE_URL + "/mcp"."""
    client_id: str
    """The WorkOS environment's client id: the audience of machine tokens, and of all without indicators."""
    audience: Literal["resource", "client_id", "both"] = "resource"
    allow_machines: bool = False


class Verifier:
    """Checks tokens against the rules and the issuer's signing keys; knows nothing of HTTP."""

    def __init__(self, rules: TokenRules, keys: SigningKeys, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._keys = keys
        self._clock = clock

    async def verify(self, token: str) -> Session:
        """The caller that the token proves.

        Raises:
            TokenRefused: with the rule that the token breaks.
            KeysUnavailable: if the signing keys cannot be had.
        """
        signed = parse(token)
        claims = signed.claims(await self._keys.find(signed.key_id))
        self._check_issuer(claims)
        self._check_times(claims)
        session = _session(claims)
        self._check_machine(session)
        self._check_audience(claims, session)
        return session

    def _check_issuer(self, claims: Claims) -> None:
        # One key signs several token families of WorkOS: issuer and audience tell them apart.
        if required_text(claims, "iss") != self._rules.issuer:
            raise TokenRefused(Reason.ISSUER)

    def _check_times(self, claims: Claims) -> None:
        now = self._clock()
        if now >= required_time(claims, "exp") + LEEWAY:
            raise TokenRefused(Reason.EXPIRED)
        if "nbf" in claims and now < required_time(claims, "nbf") - LEEWAY:
            raise TokenRefused(Reason.NOT_YET_VALID)
        if now < required_time(claims, "iat") - LEEWAY:
            raise TokenRefused(Reason.ISSUED_IN_FUTURE)

    def _check_machine(self, session: Session) -> None:
        if not session.is_machine:
            return
        if not self._rules.allow_machines:
            raise TokenRefused(Reason.MACHINE_NOT_ALLOWED)
        if "sid" in session.claims:
            raise TokenRefused(Reason.MACHINE_WITH_SESSION)

    def _check_audience(self, claims: Claims, session: Session) -> None:
        audiences = _audiences(claims)
        if session.is_machine:
            # WorkOS gives machine tokens the environment's client id as audience, whatever was asked for.
            accepted = {self._rules.resource, self._rules.client_id}
        else:
            accepted = self._accepted_audiences()
        if not audiences & accepted:
            raise TokenRefused(Reason.AUDIENCE)
        if self._rules.audience == "both" and not session.is_machine and self._rules.resource not in audiences:
            # Counted by this line, so that an operator sees when the migration is over. A quieter log keeps it.
            logger.warning(
                "legacy audience accepted",
                extra={"reason": "legacy_audience", "client_id": session.client_id},
            )

    def _accepted_audiences(self) -> set[str]:
        accepted = {
            "resource": {self._rules.resource},
            "client_id": {self._rules.client_id},
            "both": {self._rules.resource, self._rules.client_id},
        }
        return accepted[self._rules.audience]


def _audiences(claims: Claims) -> set[str]:
    value = claims.get("aud")
    if isinstance(value, str):  # RFC 7519 section 4.1.3: one string or a list of them
        return {value}
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return set(value)
    raise TokenRefused(Reason.MISSING_CLAIM if value is None else Reason.MALFORMED_CLAIM, detail="aud")


def _session(claims: Claims) -> Session:
    subject, client = required_text(claims, "sub"), required_text(claims, "client_id")
    roles = text_list(claims, "roles")
    named = text_list(claims, "role")
    return Session(
        user_id=subject,
        session_id=optional_text(claims, "sid"),
        organization_id=optional_text(claims, "org_id"),
        role=(named + roles or (None,))[0],
        roles=tuple(dict.fromkeys(named + roles)),
        permissions=frozenset(text_list(claims, "permissions")),
        feature_flags=frozenset(text_list(claims, "feature_flags")),
        scopes=frozenset(_scopes(claims)),
        client_id=client,
        token_id=required_text(claims, "jti"),  # an ID token has none
        issued_at=required_time(claims, "iat"),
        expires_at=required_time(claims, "exp"),
        is_machine=subject == client,
        claims=MappingProxyType({name: read_only(value) for name, value in claims.items()}),
    )


def _scopes(claims: Claims) -> list[str]:
    # RFC 9068 section 2.2.3: one space-delimited string; a template may make it a list.
    return [scope for entry in text_list(claims, "scope") for scope in entry.split(" ") if scope]
