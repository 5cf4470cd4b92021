"""What a token needs to be accepted by one server, as far as that is visible from outside."""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_TRUE = {"true", "1", "yes", "on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    issuer: str
    resource: str
    keys: Mapping[str, RSAPublicKey] | None
    """None if this machine could not fetch them."""
    now: float
    client_id: str = ""
    """The environment's client id; empty if the operator's shell does not have it."""
    audience: str = "resource"
    allow_machines: bool = False
    allow_api_keys: bool = False
    template_sets_aud: bool | None = None
    """Whether the environment's JWT template replaces `aud`; None if WorkOS could not be asked."""

    def accepts_audience(self, audiences: frozenset[str], *, machine: bool) -> bool:
        names_resource, names_client = self.resource in audiences, self._names_client(audiences)
        if machine or self.audience == "both":
            return names_resource or names_client
        return names_client if self.audience == "client_id" else names_resource

    def _names_client(self, audiences: frozenset[str]) -> bool:
        if self.client_id:
            return self.client_id in audiences
        # The client id is unknown here, so any client id counts; the server's own answer decides.
        return any(each.startswith("client_") for each in audiences)


def with_settings(
    environment: Mapping[str, str], issuer: str, resource: str, keys: Mapping[str, RSAPublicKey] | None, now: float
) -> Expected:
    """Use the settings of the operator's shell, or the defaults: the server does not publish its own."""
    return Expected(
        issuer=issuer,
        resource=resource,
        keys=keys,
        now=now,
        client_id=environment.get("WORKOS_CLIENT_ID", ""),
        audience=environment.get("TOKEN_AUDIENCE") or "resource",
        allow_machines=environment.get("ALLOW_MACHINE_TOKENS", "").lower() in _TRUE,
        allow_api_keys=environment.get("ALLOW_API_KEYS", "").lower() in _TRUE,
    )
