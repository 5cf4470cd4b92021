"""`/oauth2/authorize`: check the client's request, then show the login pages."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra.local.authkit.clients import Client, Clients
from infra.local.authkit.errors import NO_STORE, OAuthError
from infra.local.authkit.logins import AuthorizationRequest, Logins
from infra.local.authkit.parameters import Pairs, single_values
from infra.local.authkit.redirect_uris import is_registered, with_parameters

S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # RFC 7636 section 4.2: base64url of 32 bytes
DEFAULT_SCOPE = "openid profile email"


class UntrustedRedirectError(Exception):
    """The redirect URI is not trusted, so the error is shown here (RFC 6749 section 4.1.2.1)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Authorize:
    clients: Clients
    logins: Logins
    scopes: tuple[str, ...]

    async def answer(self, request: Request) -> Response:
        pairs = request.query_params.multi_items()
        try:
            client, redirect_uri = await self._trusted(pairs)
        except UntrustedRedirectError as error:
            return RedirectResponse(f"/oauth2/error?error={error.code}", 302, NO_STORE)
        try:
            transaction = self.logins.start(self._checked(client, redirect_uri, pairs))
        except OAuthError as error:
            states = [value for name, value in pairs if name == "state"]
            return back_to_client(
                redirect_uri,
                302,
                error=error.code,
                error_description=error.description,
                state=states[0] if len(states) == 1 else None,
            )
        return RedirectResponse(f"/login?transaction={transaction}", 302, NO_STORE)

    async def _trusted(self, pairs: Pairs) -> tuple[Client, str]:
        client_ids = [value for name, value in pairs if name == "client_id"]
        client = await self.clients.find(client_ids[0]) if len(client_ids) == 1 else None
        if client is None:
            raise UntrustedRedirectError("application_not_found")
        redirect_uris = [value for name, value in pairs if name == "redirect_uri"]
        if len(redirect_uris) != 1 or not is_registered(redirect_uris[0], client.redirect_uris):
            raise UntrustedRedirectError("redirect_uri_not_registered")
        return client, redirect_uris[0]

    def _checked(self, client: Client, redirect_uri: str, pairs: Pairs) -> AuthorizationRequest:
        asked = single_values(pairs)
        _check_response(asked)
        _check_challenge(asked)
        return AuthorizationRequest(
            client=client,
            redirect_uri=redirect_uri,
            state=asked.get("state"),
            code_challenge=asked["code_challenge"],
            scope=self._scope(client, asked.get("scope")),
            # Not checked here: AuthKit refuses an unregistered resource at the token endpoint.
            resource=asked.get("resource"),
            nonce=asked.get("nonce"),
        )

    def _scope(self, client: Client, asked: str | None) -> str:
        """The scopes of the environment, without those that the client's own document leaves out (RFC 7591 section
        2)."""
        allowed = [each for each in self.scopes if client.scopes is None or each in client.scopes]
        if asked is None:
            asked = " ".join(each for each in DEFAULT_SCOPE.split() if each in allowed)
        scopes = list(dict.fromkeys(asked.split(" ")))
        if set(scopes) - set(allowed):
            raise OAuthError("invalid_scope", f"The scopes of this client are: {' '.join(allowed)}.")
        return " ".join(scopes)


def back_to_client(redirect_uri: str, status: int, **parameters: str | None) -> Response:
    """Redirect to the client, without the parameter `iss` of RFC 9207.

    A server that sends it must say so in `authorization_response_iss_parameter_supported` (RFC 9207 section 3),
    and AuthKit's metadata does not.
    """
    return RedirectResponse(with_parameters(redirect_uri, parameters), status, NO_STORE)


def _check_response(asked: dict[str, str]) -> None:
    if "response_type" not in asked:
        raise OAuthError("invalid_request", "response_type is missing; it must be code.")
    if asked["response_type"] != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code.")
    if asked.get("response_mode", "query") != "query":
        raise OAuthError("invalid_request", "response_mode must be query.")
    if "request" in asked or "request_uri" in asked:
        raise OAuthError("request_not_supported", "Request objects are not supported.")
    if "none" in asked.get("prompt", "").split():
        # OpenID Connect Core section 3.1.2.6: nobody stays signed in at this stand-in.
        raise OAuthError("login_required", "The user has to sign in.")


def _check_challenge(asked: dict[str, str]) -> None:
    """Require PKCE with S256; `plain`, the default of RFC 7636, is refused."""
    if "code_challenge" not in asked:
        raise OAuthError("invalid_request", "code_challenge is missing; PKCE is required.")
    if asked.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "code_challenge_method must be S256.")
    if not S256_CHALLENGE.fullmatch(asked["code_challenge"]):
        raise OAuthError("invalid_request", "code_challenge must be 43 base64url characters.")
