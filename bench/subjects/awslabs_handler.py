"""awslabs' handler, which has no login of its own, with a PyJWT check in front; its tools are sync."""

import json
from typing import Any

import jwt
from awslabs.mcp_lambda_handler import MCPLambdaHandler

from bench.subjects.many import TOOLS
from bench.subjects.verifier import verify

mcp = MCPLambdaHandler(name="awslabs", version="1.0.0")


def echo(text: str) -> str:
    """Say it back.

    Args:
        text: what to say
    """
    return text


for tool in (echo, *TOOLS):
    mcp.tool()(tool)


def handler(event: Any, context: Any) -> dict[str, Any]:
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return _refuse("Bearer")
    try:
        verify(token)
    except jwt.PyJWTError:
        return _refuse('Bearer error="invalid_token"')
    answer: dict[str, Any] = mcp.handle_request(event, context)
    return answer


def _refuse(challenge: str) -> dict[str, Any]:
    headers = {"content-type": "application/json", "www-authenticate": challenge}
    return {"statusCode": 401, "headers": headers, "body": json.dumps({"error": "unauthorized"})}
