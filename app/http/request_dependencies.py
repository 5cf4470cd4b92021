"""Dependencies that take the request and nothing else, called without what FastAPI does for those that take more.

On every request FastAPI looks for parameters of each dependency in path, query, headers, cookies and body. Where
there are none this makes the same calls in the same order. It reads FastAPI's `Dependant`, whose layout is no
promise: a route that does not look as known here is left to FastAPI (docs/decisions/0019-request-dependencies.md).
"""

import os
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute

Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]
Step: TypeAlias = tuple[str, Callable[..., Awaitable[Any]], str]
"""The endpoint's parameter, what fills it, and the name by which that takes the request."""


def request_handler(route: APIRoute, usual: Handler) -> Handler:
    """`usual`, which is FastAPI's, or the same in fewer steps."""
    try:
        steps = [_step(each) for each in route.dependant.dependencies]
        _, endpoint, taken = _step(replace(route.dependant, name="endpoint", dependencies=[]))
        provider: Any = route.dependency_overrides_provider
        provider.dependency_overrides  # noqa: B018 - it has to have them
    except (AttributeError, TypeError, _MoreThanTheRequest):
        return usual
    if os.environ.get("LEAN_ROUTE", "").strip().lower() == "false":
        return usual

    async def handle(request: Request) -> Response:
        if provider.dependency_overrides:  # a test's, say
            return await usual(request)
        values = {taken: request}
        for name, call, parameter in steps:
            values[name] = await call(**{parameter: request})
        response: Response = await endpoint(**values)
        return response

    return handle


class _MoreThanTheRequest(Exception):
    """Or not async, or in a layout that is not known."""


def _step(dependant: Dependant) -> Step:
    name, call, parameter = dependant.name, dependant.call, dependant.request_param_name
    known: Any = dict.fromkeys(("name", "call", "request_param_name", "path", "scope"))
    # None or [], both say none.
    known |= {name: getattr(dependant, name) or None for name in ("own_oauth_scopes", "parent_oauth_scopes")}
    rest = replace(dependant, **known)
    if rest != Dependant() or not (name and parameter and iscoroutinefunction(call)):
        raise _MoreThanTheRequest
    return name, call, parameter
