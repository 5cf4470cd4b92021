"""The JSON-RPC that a client posts to the endpoint."""

import json
from collections.abc import Mapping

from infra.operator.web import Reply, Web

HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
LIST_TOOLS = "tools/list"


async def post(
    web: Web, url: str, method: str = LIST_TOOLS, params: Mapping[str, object] | None = None, token: str = ""
) -> Reply:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, **({"params": params} if params else {})}
    headers = HEADERS | ({"authorization": f"Bearer {token}"} if token else {})
    return await web.ask("POST", url, headers=headers, body=json.dumps(message).encode())
