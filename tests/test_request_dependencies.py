"""A route whose dependencies take the request alone is served as FastAPI serves it, in fewer steps."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.routing import APIRoute

from app.http.request_dependencies import request_handler

served: list[str] = []


async def usual(request: Request) -> Response:
    raise AssertionError("it is only compared")


async def who(request: Request) -> str:
    return request.headers["x-who"]


async def one_more(request: Request) -> int:
    return len(request.headers["x-who"])


async def both(
    request: Request, name: Annotated[str, Depends(who)], size: Annotated[int, Depends(one_more)]
) -> Response:
    return Response(f"{name} {size} {request.url.path}")


async def nothing_else(request: Request) -> Response:
    return Response("nothing else")


async def asks(request: Request, page: Annotated[int, Query()] = 1) -> Response:
    return Response(f"{page}")


async def asks_below(request: Request, page: Annotated[int, Depends(lambda page=1: page)]) -> Response:
    return Response(f"{page}")


def blocks(request: Request) -> Response:
    return Response("blocks")


async def answers_too(request: Request, response: Response) -> Response:
    return Response("answers")


class Short(APIRoute):
    """As the route of /mcp is."""

    def get_route_handler(self) -> Any:
        plain = super().get_route_handler()
        handler = request_handler(self, plain)
        served.append("short" if handler is not plain else "usual")
        return handler


def get(endpoint: Callable[..., Any], overrides: dict[Any, Any] | None = None, *, assigned: bool = False) -> str:
    served.clear()
    app = FastAPI(openapi_url=None)
    app.router.add_api_route("/a", endpoint, route_class_override=Short, response_model=None)
    if assigned:
        app.dependency_overrides = overrides or {}
    app.dependency_overrides.update(overrides or {})

    async def send() -> str:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://mcp.example.com") as client:
            return (await client.get("/a", headers={"x-who": "ada"})).text

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("endpoint", "answer", "how"),
    [
        (both, "ada 3 /a", "short"),
        (nothing_else, "nothing else", "short"),
        (asks, "1", "usual"),
        (asks_below, "1", "usual"),
        (blocks, "blocks", "usual"),
        (answers_too, "answers", "usual"),
    ],
)
@pytest.mark.parametrize("switch", ["", "false"])
def test_it_answers_alike_in_either_way(
    switch: str, endpoint: Callable[..., Any], answer: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAN_ROUTE", switch)

    assert get(endpoint) == answer
    assert served == ["usual" if switch else how]


@pytest.mark.parametrize("assigned", [False, True])
def test_what_a_test_puts_in_a_dependencys_place_is_called_instead(assigned: bool) -> None:
    async def somebody() -> str:
        return "somebody"

    assert get(both, {who: somebody}, assigned=assigned) == "somebody 3 /a"
    assert served == ["short"]


@pytest.mark.parametrize(
    "route",
    [SimpleNamespace(), SimpleNamespace(dependant=SimpleNamespace(dependencies=[SimpleNamespace()])), None],
    ids=["another route", "another dependant", "nothing"],
)
def test_a_layout_that_is_not_known_is_left_to_fastapi(route: Any) -> None:
    assert request_handler(route, usual) is usual
