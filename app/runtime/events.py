"""What an event must be before it is served: HTTP, readable, and unambiguous about who calls."""

from typing import Any

from fastapi import FastAPI
from mangum import Mangum
from mangum.protocols import HTTPCycle

_UNIQUE_HEADERS = {"authorization", "origin"}
"""They decide who calls, so there must be only one value."""
_TEXT_TYPES = ["text/", "application/json", "application/mcp-server-card+json", "application/ai-catalog+json"]
"""What this server answers with. Mangum would send other types as base64, which not every gateway decodes."""


class MalformedEvent(Exception):
    """The event resembles HTTP but cannot be read. The message names the part and never quotes its value."""


def is_http(event: Any) -> bool:
    """Whether it comes from API Gateway, a Function URL or a load balancer."""
    return isinstance(event, dict) and "requestContext" in event


def asks_about_secrets(event: Any) -> bool:
    """Whether the operator's smoke test invoked the function in AWS. Those three cannot send such an event."""
    return _asks(event, "check-secrets")


def asks_about_worker(event: Any) -> bool:
    """The same for the worker of background tools."""
    return _asks(event, "check-worker")


def _asks(event: Any, action: str) -> bool:
    is_operators = isinstance(event, dict) and event.get("source") == "workos-mcp-lambda.operator"
    return is_operators and event.get("action") == action


class EventAdapter:
    """Mangum around the application. The request that was checked is the one that is served."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        # Without a lifespan: Mangum would start and stop it at every invocation.
        self._mangum = Mangum(app, lifespan="off", text_mime_types=_TEXT_TYPES)

    def serve(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The result of the function.

        Raises:
            MalformedEvent: it cannot be read, or two of its parts disagree about who calls.
        """
        try:
            source = self._mangum.infer(event, context)
            scope, body = source.scope, source.body
            # Nothing here reads cookies, and FastAPI would parse them before the token is checked.
            scope["headers"] = [header for header in scope["headers"] if header[0] != b"cookie"]
            is_readable = isinstance(scope["method"], str) and isinstance(body, bytes)
            is_ambiguous = _is_ambiguous(event)
        except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise MalformedEvent(type(error).__name__) from error
        if not is_readable:
            raise MalformedEvent("method or body")
        if is_ambiguous:
            raise MalformedEvent("headers")
        return source(HTTPCycle(scope, body)(self._app))


def _is_ambiguous(event: dict[str, Any]) -> bool:
    """Mangum ignores the case of header names and takes the last value, so two values would look like one."""
    single, several = event.get("headers") or {}, event.get("multiValueHeaders") or {}
    lowered = {name.lower(): value for name, value in single.items()}
    if len(lowered) != len(single) or len({name.lower() for name in several}) != len(several):
        return True
    return any(
        name.lower() in _UNIQUE_HEADERS and lowered.get(name.lower(), values[-1]) not in values
        for name, values in several.items()
    )
