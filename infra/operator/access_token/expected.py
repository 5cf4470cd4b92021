"""What a token has to say to be meant for one server, as far as that can be seen from outside."""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_TRUE = {"true", "1", "yes", "on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    issuer: str
    resource: str
    keys: Mapping[str, RSAPublicKey] | None
    """None where they could not be fetched from here."""
    now: float
    client_id: str = ""
    """The environment's client id, where the operator's shell has it."""
    audience: str = "resource"
    allow_machines: bool = False
    template_sets_aud: bool | None = None
    """Whether the environment's JWT template replaces `aud`; None where nobody could look."""

    def accepts_audience(self, audiences: frozenset[str], *, machine: bool) -> bool:
        of_resource, of_client = self.resource in audiences, self._names_client(audiences)
        if machine or self.audience == "both":
            return of_resource or of_client
        return of_client if self.audience == "client_id" else of_resource

    def _names_client(self, audiences: frozenset[str]) -> bool:
        if self.client_id:
            return self.client_id in audiences
        # Unknown here: every environment's client id has this form, and the server has the last word.
        return any(each.startswith("client_") for each in audiences)


def with_settings(
    environment: Mapping[str, str], issuer: str, resource: str, keys: Mapping[str, RSAPublicKey] | None, now: float
) -> Expected:
    """The server's settings are not on the wire: those of the operator's shell are taken, or the defaults."""
    return Expected(
        issuer=issuer,
        resource=resource,
        keys=keys,
        now=now,
        client_id=environment.get("WORKOS_CLIENT_ID", ""),
        audience=environment.get("TOKEN_AUDIENCE") or "resource",
        allow_machines=environment.get("ALLOW_MACHINE_TOKENS", "").lower() in _TRUE,
    )
