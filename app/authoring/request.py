"""The request of the current call, as a tool, prompt or resource may see it: `request: CurrentRequest`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends

from app.current import Slot, on_loop

MAX_CLIENT_CHARACTERS = 200
"""Characters of what a client says about itself; the rest is cut off."""

_CREDENTIALS = re.compile(
    r"authorization|authentication|cookie|token|secret|passw|passphrase|credential|assertion|jwt|oidc|dpop"
    r"|(api|access|auth|master|private|functions|subscription)-?key|(^|-)(auth|pass)$"
)
"""Parts of the names of headers that carry a login, such as Authorization, X-Api-Key and
x-amzn-remapped-authorization."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRequest:
    """The HTTP request and the MCP request of one call.

    Only `client_ip` is what AWS saw. All else is what the caller wrote and nobody verified, so never decide by it
    what somebody may do: that is what the Session is for. In a test, make one with the fields that it is about.
    """

    client_name: str | None = None
    """The MCP client's own name for itself, such as "claude-ai", cut to 200 characters.

    Clients of protocol version 2026-07-28 send it with each request. Clients of an earlier version send it only
    with `initialize`, which this server does not remember: it is None for their calls.
    """
    client_version: str | None = None
    """The version of that client; None where `client_name` is None."""
    protocol_version: str = "2026-07-28"
    """The version of MCP that the client speaks in this request."""
    rpc_id: str | int = 1
    """The JSON-RPC id, which the client chose. Other requests of the same client may have the same."""
    request_id: str | None = None
    """Lambda's id of this invocation, which each line of the log has as `request_id`; None outside of Lambda."""
    client_ip: str | None = None
    """The address that connected to API Gateway, the Function URL or the load balancer; None if that is unknown.

    Behind a proxy such as CloudFront it is the proxy's. It is never the first entry of X-Forwarded-For, which a
    caller can write. Of a load balancer it is the last entry, which the load balancer adds, unless its attribute
    routing.http.xff_header_processing.mode is "preserve".
    """
    user_agent: str | None = None
    """The header User-Agent, cut to 200 characters."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """All headers that may be read, by their names in lower case."""

    def header(self, name: str) -> str | None:
        """The value of a header as the deployment delivers it, or None; the case of the name does not matter.

        Several values are joined by a comma. API Gateway changes some headers and drops others.

        Raises:
            HeaderRefused: it carries a login, such as Authorization, Cookie or X-Api-Key.
        """
        if is_credential(name):
            raise HeaderRefused(
                f"{name} may carry a credential, which no tool gets to read; "
                "take the caller as session: CurrentSession"
            )
        return self.headers.get(name.lower())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Refuse a plain `request: CallerRequest`, which would be an argument that the client fills."""
        raise TypeError("a CallerRequest comes from the server alone; take it as request: CurrentRequest")


class NoRequest(RuntimeError):
    """`get_request()` was called outside a call."""


class HeaderRefused(ValueError):
    """The header may carry a credential."""


def is_credential(header: str) -> bool:
    """Whether a header of this name may carry a login, by its name alone."""
    return _CREDENTIALS.search(header.lower().replace("_", "-")) is not None


current_request: Slot[Callable[[], CallerRequest]] = Slot("request")
"""Describes the request. Most calls never ask, so nothing is read before."""


@on_loop
def get_request() -> CallerRequest:
    """The request of the current call.

    Raises:
        NoRequest: outside a call: at import, or in a thread that the author started.
    """
    try:
        return current_request.get()()
    except LookupError:
        raise NoRequest(
            "get_request() needs a call: use it inside a tool, prompt or resource while it is served, or take it "
            "as a parameter (`request: CurrentRequest`) and pass a CallerRequest() in your test"
        ) from None


CurrentRequest = Annotated[CallerRequest, Depends(get_request)]
"""Type a parameter with it: the server passes the request in, and the parameter is not in the schema."""
