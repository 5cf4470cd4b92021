"""The floor: FastAPI, Mangum and PyJWT with one answer of the right form, and nothing of MCP."""

import os
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from mangum import Mangum

from bench.subjects.verifier import verify

METADATA = f"{os.environ['BASE_URL']}/.well-known/oauth-protected-resource/mcp"
NO_TOKEN = {"WWW-Authenticate": f'Bearer resource_metadata="{METADATA}"'}
BAD_TOKEN = {"WWW-Authenticate": f'Bearer error="invalid_token", resource_metadata="{METADATA}"'}

app = FastAPI(openapi_url=None)


async def caller(authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise HTTPException(401, "a bearer token is required", NO_TOKEN)
    try:
        return verify(token)
    except jwt.PyJWTError:
        raise HTTPException(401, "the token is not valid", BAD_TOKEN) from None


async def echo(text: str) -> str:
    return text


@app.post("/mcp")
async def mcp(request: Request, claims: Annotated[dict[str, Any], Depends(caller)]) -> JSONResponse:
    message = await request.json()
    text = await echo(**message["params"]["arguments"])
    result = {
        "content": [{"type": "text", "text": text}],
        "structuredContent": {"result": text},
        "isError": False,
    }
    return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": result})


handler = Mangum(app, lifespan="off")
