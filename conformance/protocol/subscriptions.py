"""resources/subscribe and resources/unsubscribe, of the eras that have them.

The project serves neither: without a stream to the client no change could be told. Here they are honest, because
the one resource that can be subscribed to never changes.
"""

from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, EmptyResult, SubscribeRequestParams, UnsubscribeRequestParams

WATCHED = "test://watched-resource"


def add_subscriptions(server: Server[Any]) -> None:
    server.add_request_handler("resources/subscribe", SubscribeRequestParams, _accept)
    server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, _accept)


async def _accept(
    context: ServerRequestContext[Any], params: SubscribeRequestParams | UnsubscribeRequestParams
) -> EmptyResult:
    if params.uri != WATCHED:
        raise MCPError(INVALID_PARAMS, "This resource has no subscriptions.")
    return EmptyResult()
