"""Every way a request is refused: a private reason for the operator, a public code for the wire."""

import math
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from app.auth.session import Session


class Reason(StrEnum):
    """Why, as a stable slug: logged as `reason`, never sent. docs/refusals.md tells operators what to do."""

    NO_TOKEN = "no_token"
    SEVERAL_AUTHORIZATIONS = "several_authorizations"
    TOKEN_TOO_LONG = "token_too_long"
    NOT_A_JWT = "not_a_jwt"
    ALGORITHM = "algorithm"
    TYPE = "type"
    CRITICAL_HEADER = "critical_header"
    NO_KEY_ID = "no_key_id"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    MISSING_CLAIM = "missing_claim"
    MALFORMED_CLAIM = "malformed_claim"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    ISSUED_IN_FUTURE = "issued_in_future"
    AUDIENCE = "audience"
    MACHINE_NOT_ALLOWED = "machine_not_allowed"
    MACHINE_WITH_SESSION = "machine_with_session"
    WEB_SESSION = "web_session"
    NOT_AN_API_KEY = "not_an_api_key"
    API_KEY_REFUSED = "api_key_refused"
    MISSING_SCOPE = "missing_scope"
    NO_ORGANIZATION = "no_organization"
    ORIGIN = "origin"
    KEYS_UNAVAILABLE = "keys_unavailable"
    API_KEY_UNCHECKED = "api_key_unchecked"
    API_KEY_FLOOD = "api_key_flood"


class Refusal(Exception):
    """A request that is turned away. The class decides the answer on the wire, `reason` goes to the log."""

    status: ClassVar[int]
    error: ClassVar[str]
    description: ClassVar[str]
    in_challenge: ClassVar[bool] = True
    """Whether the challenge names `error`. RFC 6750 section 3.1: not if the request had no token."""

    def __init__(self, reason: Reason, *, detail: str = "", session: "Session | None" = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail
        """Which claim or scope, for the log: a name that we know, never a value from the token."""
        self.session = session
        """The caller, if the token itself is valid."""


class RequestMalformed(Refusal):
    """More than one Authorization value: RFC 6750 section 2 allows one."""

    status = 400
    error = "invalid_request"
    description = "Send exactly one Authorization header with one bearer token."

    def __init__(self) -> None:
        super().__init__(Reason.SEVERAL_AUTHORIZATIONS)


class TokenMissing(Refusal):
    """No bearer token: the client has to log in."""

    status = 401
    error = "missing_token"
    description = "This server needs an access token. Log in to get one."
    in_challenge = False

    def __init__(self) -> None:
        super().__init__(Reason.NO_TOKEN)


class TokenRefused(Refusal):
    """A token broke a rule. The text is the same for every rule: the answer never says which check failed."""

    status = 401
    error = "invalid_token"
    description = "The access token is expired or not valid for this server. Get a new one."


class ScopeMissing(Refusal):
    """The token is valid but lacks a scope; `scopes` has all that the operation needs (RFC 6750 section 3.1)."""

    status = 403
    error = "insufficient_scope"
    description = "The access token lacks a scope that this operation needs."

    def __init__(self, scopes: tuple[str, ...], session: "Session") -> None:
        super().__init__(Reason.MISSING_SCOPE, detail=" ".join(scopes), session=session)
        self.scopes = scopes


class OrganizationMissing(Refusal):
    """The user chose no organisation. The challenge has no `error`: a client would ask for scopes, in a loop."""

    status = 403
    error = "organization_required"
    description = (
        "This server is for members of an organisation. Log in again and choose one, or ask to be invited."
    )
    in_challenge = False

    def __init__(self, session: "Session") -> None:
        super().__init__(Reason.NO_ORGANIZATION, session=session)


class OriginRefused(Refusal):
    """A browser page from an origin that is not in ALLOWED_ORIGINS (DNS rebinding, MCP transport spec)."""

    status = 403
    error = "origin_not_allowed"
    description = "Requests from this browser origin are not allowed."

    def __init__(self) -> None:
        super().__init__(Reason.ORIGIN)


class Uncheckable(Refusal):
    """Nobody can say now whether the token is good. It may be, so the answer is never a 401."""

    status = 503
    error = "temporarily_unavailable"
    description = "The access token cannot be checked at the moment. Try again shortly."

    def __init__(self, reason: Reason, seconds: float) -> None:
        """`seconds` is the time until a new attempt can succeed."""
        super().__init__(reason)
        self.retry_after = max(1, math.ceil(seconds))
        """Whole seconds, at least 1."""


class KeysUnavailable(Uncheckable):
    """AuthKit's signing keys cannot be fetched."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(Reason.KEYS_UNAVAILABLE, retry_after)


class ApiKeyUnchecked(Uncheckable):
    """WorkOS cannot be asked about an API key, or not about one more unknown key."""
