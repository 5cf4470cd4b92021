"""An address on 127.0.0.1 for the deployed API: its own ends in .localhost, no loopback host by the settings."""

from collections.abc import Iterable

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.deploy.local_aws import LocalAws

_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
_OF_ONE_CONNECTION = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


class Front:
    """Passes requests on unchanged, but for Host, which names the API."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self.app = Starlette(routes=[Route("/{path:path}", self._forward, methods=_METHODS)])

    async def _forward(self, request: Request) -> Response:
        host = f"{self._api_id()}.execute-api.localhost:{self._aws.port}"
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
            answer = await client.request(
                request.method,
                f"{self._aws.url}{request.url.path}",
                params=request.url.query,
                headers=[*_passed(request.headers.items()), ("host", host)],
                content=await request.body(),
            )
        response = Response(answer.content, answer.status_code)
        for name, value in _passed(answer.headers.multi_items()):
            response.headers.append(name, value)
        return response

    def _api_id(self) -> str:
        # Asked for each time: the first deployment makes it, the deletion takes it away.
        apis = self._aws.client("apigatewayv2").get_apis()["Items"]
        return str(apis[0]["ApiId"]) if apis else "none"


def _passed(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_ONE_CONNECTION]
