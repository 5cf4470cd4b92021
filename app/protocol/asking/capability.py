"""Whether a client may be asked: it has to say so, or it is told what it would have to say."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, MISSING_REQUIRED_CLIENT_CAPABILITY
from mcp_types.methods import INPUT_REQUIRED_METHODS
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app.protocol.wire.errors import Failed

Mode: TypeAlias = Literal["form", "url"]


class CapabilityMissing(MCPError):
    """The client has to declare more (2026-07-28, basic, per-request protocol fields); the text is for it."""

    def __init__(self, text: str, capabilities: Mapping[str, Any]) -> None:
        super().__init__(MISSING_REQUIRED_CLIENT_CAPABILITY, text, {"requiredCapabilities": dict(capabilities)})


def modes_of(context: ServerRequestContext[Any]) -> tuple[Mode, ...]:
    """As it declares with each request. In the 2025 era it said so to a session, if at all.

    An empty `elicitation` means forms alone (client/elicitation, capabilities).
    """
    declared = context.session.client_capabilities
    if context.method not in INPUT_REQUIRED_METHODS:  # a completion
        return ()
    if declared is None or (elicitation := declared.elicitation) is None:
        return ()
    if elicitation.url is None:
        return ("form",)
    return ("url",) if elicitation.form is None else ("form", "url")


def lacks(mode: Mode, word: str, version: str) -> MCPError:
    """What to raise; `word` is what was called, such as "tool"."""
    needed = f"a client of protocol version 2026-07-28 which declares the capability elicitation.{mode}."
    if version in HANDSHAKE_PROTOCOL_VERSIONS:
        # The client may well declare it: before 2026-07-28 a question is a request of the server, in a session.
        why = f"Protocol version {version} asks within a session, which this server does not have"
        return Failed(INVALID_PARAMS, f"This {word} has to ask its user. {why}: use {needed}")
    text = f"This {word} has to ask its user. That needs {needed}"
    # A MUST of 2026-07-28, basic, per-request protocol fields.
    return CapabilityMissing(text, {"elicitation": {mode: {}}})
