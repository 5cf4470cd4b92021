"""`Mcp-Param-*` headers, which must say what the body says (SEP-2243); checked once the caller is let in.

Earlier, a refusal would tell that a tool exists, and what its arguments are called, to one who may not know of it.
"""

from collections.abc import Mapping
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import validate_mcp_param_headers

from app.current import Slot

_current: Slot[Mapping[str, str] | None] = Slot("parameter headers")


def bind_parameter_headers(headers: Mapping[str, str] | None) -> None:
    """The headers of the request that is being served; None where its era has no such rule."""
    _current.bind(headers)


def require_parameter_headers(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Raises: MCPError, for a header that the schema asks for and that disagrees with the arguments."""
    headers = _current.find()
    if headers is None:
        return
    if (rejection := validate_mcp_param_headers(schema, arguments, headers)) is not None:
        raise MCPError(rejection.code, rejection.message, rejection.data)
