"""A server under test that the suite starts itself."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from conformance.auth.issuer import Issuer
from conformance.auth.target import Target
from infra.local.loopback import LoopbackServer

SCOPE, TOOL_SCOPE = "mcp:use", "mcp:write"
ORIGIN = "https://page.example.com"
"""All subjects need the same scopes and allow the same page."""


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    setup: str
    """How it is configured, for the reader of the report."""
    version: Callable[[], str]
    serve: Callable[[Issuer], AbstractContextManager[Target]]
    """Start it, as a server that trusts this issuer and has never met it before."""
    remarks: Mapping[str, str] = field(default_factory=dict)
    """Why a row fails, where the reader could not tell from what was seen."""


def subject_target(url: str) -> Target:
    return Target(
        url,
        scopes=(SCOPE,),
        origin=ORIGIN,
        whoami="whoami",
        scoped_tool="write",
        scoped_tool_scope=TOOL_SCOPE,
    )


@contextmanager
def served_issuer(port: int = 0) -> Iterator[Issuer]:
    issuer = Issuer()
    with LoopbackServer(issuer, port) as server:
        issuer.url = server.url
        yield issuer


def introduce(issuer: Issuer, target: Target) -> None:
    """Tell the issuer for whom its tokens are."""
    issuer.audience = target.identifier
    issuer.scope = " ".join(["openid", "profile", "email", *target.scopes])
