"""The Lambda entry point: `app.handler.handler`."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from app.runtime.lean import lean_imports

# Packages log while they are imported, before logs.configure(), and the runtime may have set this to DEBUG.
logging.getLogger().setLevel(logging.WARNING)

with lean_imports():
    from fastapi import FastAPI

    from app.application import create_app
    from app.auth.fetch import create_tls_context
    from app.identity import IDENTITY
    from app.runtime import events, logs, snapstart
    from app.runtime.loop import ProcessState, ServerLoop, running_loop
    from app.settings import Settings
    from app.shared.extend import extend
    from app.shared.settings import TeamSettings

Handler = Callable[[Any, Any], dict[str, Any]]

# One loop for all invocations: clients and locks, which a warm environment keeps, belong to a loop.
_loop = ServerLoop()
_one_at_a_time = threading.Lock()


def create_handler(app: FastAPI) -> Handler:
    """A Lambda handler for the application: API Gateway (2.0 and 1.0), Function URL and ALB events."""
    logs.configure()
    logs.replace_hooks()
    asyncio.set_event_loop(_loop)  # or Mangum makes one of its own
    adapter, process = events.EventAdapter(app), ProcessState()

    def handler(event: Any, context: Any) -> dict[str, Any]:
        """Serve one event. An event that is not an HTTP request is logged and answered, without an error.

        Raises:
            RuntimeError: a function that it serves calls it. It would wait for itself.
        """
        if running_loop() is _loop:
            raise RuntimeError("the handler serves one event at a time, and it is serving the one of this call")
        with _one_at_a_time, process.put_back(), logs.logging_put_back():
            logs.identify(_find_ids(event, context))
            asyncio.set_event_loop(_loop)
            _loop.renew()
            if events.is_http(event):
                return _serve(adapter, event, context)
            if events.asks_about_secrets(event):
                return {"secrets": _loop.run_until_complete(app.state.check_secrets())}
            if events.asks_about_worker(event) and app.state.work:
                return {"worker": _loop.run_until_complete(app.state.work.check())}
            logs.logger.info("not an HTTP event, nothing to do")
            return {"statusCode": 204, "body": ""}

    return handler


def _serve(adapter: events.EventAdapter, event: dict[str, Any], context: Any) -> dict[str, Any]:
    try:
        return adapter.serve(event, context)
    except events.MalformedEvent as malformed:
        logs.logger.warning("malformed HTTP event", detail=str(malformed))
        return {"statusCode": 400, "headers": {"content-type": "application/json"}, "body": _MALFORMED}


_MALFORMED = '{"error":"invalid_request","error_description":"The request could not be read."}'


def _find_ids(event: Any, context: Any) -> dict[str, str | None]:
    request = event.get("requestContext") if isinstance(event, dict) else None
    return {
        "request_id": getattr(context, "aws_request_id", None),
        "gateway_request_id": request.get("requestId") if isinstance(request, dict) else None,
    }


logs.name_service(IDENTITY.name)
_app = create_app(Settings.from_environment(team=TeamSettings), extend=extend)
handler = create_handler(_app)
snapstart.register(handler, _app.state.prepare_snapshot, create_tls_context)
