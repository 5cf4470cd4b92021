"""Registered MCP resource indicators, and the audience a token gets because of them."""

from collections.abc import Iterable

from infra.local.authkit.errors import OAuthError


class ResourceIndicators:
    """The first indicator is the default, for clients that ask for none."""

    def __init__(self, uris: Iterable[str], environment_client_id: str) -> None:
        self._uris = list(dict.fromkeys(uris))
        self._environment_client_id = environment_client_id

    @property
    def uris(self) -> tuple[str, ...]:
        return tuple(self._uris)

    def add(self, uri: str) -> None:
        if uri not in self._uris:
            self._uris.append(uri)

    def remove(self, uri: str) -> bool:
        known = uri in self._uris
        if known:
            self._uris.remove(uri)
        return known

    def still_grants(self, audience: str) -> bool:
        """Whether tokens for the audience may still be made: a deleted indicator ends its consents."""
        return audience in (*self._uris, self._environment_client_id)

    def audience(self, resource: str | None) -> str:
        """The `aud` of a token for the resource.

        Without any indicator AuthKit ignores the parameter: `aud` is the environment's client id.

        Raises:
            OAuthError: `invalid_target` (RFC 8707 section 2) if others are registered, but not this one.
        """
        if not self._uris:
            return self._environment_client_id
        if resource is None:
            return self._uris[0]
        if resource not in self._uris:  # byte for byte: a trailing slash is another resource
            raise OAuthError("invalid_target", "The requested resource is not registered.")
        return resource
