"""The client of one request, as it introduces itself there: nobody remembers it from another one."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mcp.server.connection import Connection
from mcp_types import ClientCapabilities
from pydantic import ValidationError


@dataclass
class Peer:
    """What it says is typed where somebody looks at it: most calls do not."""

    protocol_version: str
    info: Any = None
    capabilities: Any = None

    @cached_property
    def client_capabilities(self) -> ClientCapabilities | None:
        """None, too, for what is none: it then counts as not said, as to the SDK."""
        try:
            return ClientCapabilities.model_validate(self.capabilities, by_name=False)
        except ValidationError:
            return None

    def connection(self) -> Connection:
        """The same for the SDK."""
        return Connection.from_envelope(self.protocol_version, self.info, self.capabilities)
