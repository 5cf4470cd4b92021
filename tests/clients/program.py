"""A client program: how its user adds the server and logs in, and how the program calls `whoami`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.clients.home import Home


@dataclass(frozen=True)
class Program:
    name: str
    """As in the table of docs/clients.md."""
    package: str
    """The package whose version the table gives."""
    log_in: Callable[[Home], object]
    call: Callable[[Home], str]
    """What its user sees of the answer of `whoami`."""
    is_quick: bool = False
    """Whether `make e2e` runs it too."""
    has_platforms: bool = False
    """Whether the program itself is in one more package for each platform, which the registry may lack."""
    documents: Mapping[str, Mapping[str, object]] | None = None
    """Its metadata documents by their address, if it is known by one (CIMD) and does not register itself."""
    leave: Callable[[Home], object] = lambda home: None
    """End what the program has left running."""
