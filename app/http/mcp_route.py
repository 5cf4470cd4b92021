"""The route of /mcp: FastAPI's, short where every request passes and nothing can be lost.

A refusal is answered where it is raised: on its way to an exception handler it would pass two exit stacks and four
middlewares, and the most frequent of all answers, the 401 that begins a login, would take twice its time.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from app.auth.refusals import Refusal
from app.http.request_dependencies import request_handler

Refuse: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]


def mcp_route(refuse: Refuse) -> type[APIRoute]:
    """A class of routes, as FastAPI takes it (its documents, "Custom Request and APIRoute class")."""

    class McpRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            serve = request_handler(self, super().get_route_handler())

            async def handle(request: Request) -> Response:
                try:
                    return await serve(request)
                except Refusal as refusal:
                    return await refuse(request, refusal)

            return handle

    return McpRoute
