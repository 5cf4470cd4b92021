"""What an event must be before it is served: HTTP, readable, and unambiguous about who calls."""

from functools import cached_property
from typing import Any

from fastapi import FastAPI
from mangum import Mangum
from mangum.handlers import ALB, APIGateway, HTTPGateway
from mangum.protocols import HTTPCycle
from mangum.types import LambdaHandler


class MalformedEvent(Exception):
    """The event resembles HTTP but cannot be read; the message names the part, never its value."""


def is_http(event: Any) -> bool:
    """Whether a front door sent it: API Gateway, a Function URL or a load balancer."""
    return isinstance(event, dict) and "requestContext" in event


def asks_about_secrets(event: Any) -> bool:
    """Whether the operator's smoke test sent it, by invoking the function in AWS: it is no front door's."""
    return (
        isinstance(event, dict)
        and event.get("source") == "workos-mcp-lambda.operator"
        and event.get("action") == "check-secrets"
    )


class EventAdapter(Mangum):
    """Mangum, reading each event once: what was checked is what is served."""

    def __init__(self, app: FastAPI) -> None:
        # No lifespan: Mangum would start and stop it on every invocation.
        super().__init__(app, lifespan="off", custom_handlers=[_LoadBalancer, _HttpApi, _RestApi])

    def read(self, event: dict[str, Any], context: Any) -> LambdaHandler:
        """The event as a request.

        Raises:
            MalformedEvent: it cannot be read, or two of its parts disagree about a header that decides who calls.
        """
        try:
            request = self.infer(event, context)
            readable = isinstance(request.scope["method"], str) and isinstance(request.body, bytes)
            ambiguous = _is_ambiguous(event)
        except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise MalformedEvent(type(error).__name__) from error
        if not readable:
            raise MalformedEvent("method or body")
        if ambiguous:
            raise MalformedEvent("headers")
        return request

    def serve(self, request: LambdaHandler) -> dict[str, Any]:
        """The function's result."""
        return request(HTTPCycle(request.scope, request.body)(self.app))


class _ReadOnce:
    """Mangum's handlers make scope and body anew wherever they are looked at."""

    @cached_property
    def scope(self) -> Any:
        return super().scope  # type: ignore[misc]

    @cached_property
    def body(self) -> Any:
        return super().body  # type: ignore[misc]


class _LoadBalancer(_ReadOnce, ALB):
    pass


class _HttpApi(_ReadOnce, HTTPGateway):
    pass


class _RestApi(_ReadOnce, APIGateway):
    pass


def _is_ambiguous(event: dict[str, Any]) -> bool:
    """The adapter folds letter case and takes the last: two values would look like one."""
    single, several = event.get("headers") or {}, event.get("multiValueHeaders") or {}
    lowered = {name.lower(): value for name, value in single.items()}
    if len(lowered) != len(single) or len({name.lower() for name in several}) != len(several):
        return True
    return any(
        name.lower() in {"authorization", "origin"} and lowered.get(name.lower(), values[-1]) not in values
        for name, values in several.items()
    )
