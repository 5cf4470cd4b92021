"""What the operator says about the server under test, and how long the suite waits for it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

METADATA_PATH = "/.well-known/oauth-protected-resource"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds."""

    at_once: float = 5.0
    """For the head of an answer that needs no thought."""
    answer: float = 20.0
    """For any answer, also while the issuer hangs; clients and gateways wait for about 30."""
    leisure: float = 75.0
    """For what a server may notice in its own time: new keys, the end of an outage."""
    pause: float = 2.0
    """Between two looks at that."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the operator says about the server. Where something is empty, its rows do not apply."""

    url: str
    resource: str = ""
    """Its resource identifier; the URL itself unless said otherwise."""
    scopes: tuple[str, ...] = ()
    """What every request needs."""
    origin: str = ""
    """A browser origin that it allows."""
    whoami: str = ""
    """A tool without arguments whose result has the token's `sub` in it."""
    scoped_tool: str = ""
    scoped_tool_scope: str = ""
    """A tool without arguments, and the one scope that it needs beyond `scopes`."""
    bounds: Bounds = field(default_factory=Bounds)

    @property
    def identifier(self) -> str:
        return self.resource or self.url

    @property
    def metadata_url(self) -> str:
        """RFC 9728 section 3.1: the well-known path goes between host and path."""
        parts = urlsplit(self.identifier)
        return f"{self.site}{METADATA_PATH}{parts.path.rstrip('/')}"

    @property
    def site(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        return urlsplit(self.url).path
