"""MCP resource indicators, and the audience that a token gets from them."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from infra.local.authkit.errors import OAuthError
from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id


@dataclass(frozen=True, slots=True)
class ResourceIndicator:
    id: str
    uri: str
    is_default: bool
    created_at: float
    updated_at: float


class ResourceIndicators:
    """The indicators. At most one is the default, for clients that request none; at first it is the first one."""

    def __init__(self, uris: Iterable[str], environment_client_id: str, clock: Clock = time.time) -> None:
        self._environment_client_id = environment_client_id
        self._clock = clock
        self._indicators: list[ResourceIndicator] = []
        for uri in uris:
            self.add(uri, default=not self._indicators)

    @property
    def indicators(self) -> tuple[ResourceIndicator, ...]:
        return tuple(self._indicators)

    @property
    def uris(self) -> tuple[str, ...]:
        return tuple(each.uri for each in self._indicators)

    @property
    def default(self) -> str | None:
        return next((each.uri for each in self._indicators if each.is_default), None)

    def add(self, uri: str, *, default: bool = False) -> ResourceIndicator | None:
        """Add an indicator and return it; None if its URI is registered already."""
        if uri in self.uris:
            return None
        now = self._clock()
        if default:
            self._indicators = [
                replace(each, is_default=False, updated_at=now) if each.is_default else each
                for each in self._indicators
            ]
        added = ResourceIndicator(new_id("authkit_oauth_resource"), uri, default, now, now)
        self._indicators.append(added)
        return added

    def remove(self, id_or_uri: str) -> bool:
        """Remove an indicator; False if there was none. After the default is removed there is no default."""
        kept = [each for each in self._indicators if id_or_uri not in (each.id, each.uri)]
        known = len(kept) < len(self._indicators)
        self._indicators = kept
        return known

    def still_grants(self, audience: str) -> bool:
        """Whether the audience is still registered: a deleted indicator ends its consents."""
        return audience in (*self.uris, self._environment_client_id)

    def audience(self, resource: str | None) -> str:
        """Choose the `aud` of a token for the resource.

        Without any indicator AuthKit ignores the parameter, and `aud` is the environment's client id.

        Raises:
            OAuthError: `invalid_target` (RFC 8707 section 2) if others are registered, but not this one.
        """
        if not self._indicators:
            return self._environment_client_id
        if resource is None:
            return self.default or self._environment_client_id
        if resource not in self.uris:  # byte for byte: a trailing slash is another resource
            raise OAuthError("invalid_target", "The requested resource is not registered.")
        return resource


def is_resource_uri(value: object) -> bool:
    """Whether the value is an absolute http(s) URI without a fragment (RFC 8707 section 2)."""
    if not isinstance(value, str) or "#" in value:
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
