"""The Lambda entry point: `app.handler.handler`."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from mangum import Mangum

from app import events, logs, snapshot
from app.application import create_app
from app.settings import Settings

Handler = Callable[[Any, Any], dict[str, Any]]

# One loop for all invocations: what a warm environment keeps (clients, locks) belongs to a loop.
_loop = asyncio.new_event_loop()
_one_at_a_time = threading.Lock()


def create_handler(app: FastAPI) -> Handler:
    """A Lambda handler around the application, for API Gateway (2.0 and 1.0), Function URL and ALB events."""
    logs.configure()
    asyncio.set_event_loop(_loop)  # or Mangum makes one of its own
    # No lifespan: Mangum would start and stop it on every invocation.
    serve = Mangum(app, lifespan="off")

    def handler(event: Any, context: Any) -> dict[str, Any]:
        """Serve one event; one that is no HTTP request is logged and returned from, never a crash."""
        with _one_at_a_time:
            logs.identify(_ids(event, context))
            if not events.is_http(event):
                logs.logger.info("not an HTTP event, nothing to do")
                return {"statusCode": 204, "body": ""}
            try:
                events.check(event, context, serve)
            except events.MalformedEvent as malformed:
                logs.logger.warning("malformed HTTP event", detail=str(malformed))
                return {"statusCode": 400, "headers": {"content-type": "application/json"}, "body": _MALFORMED}
            asyncio.set_event_loop(_loop)
            return serve(event, context)

    return handler


_MALFORMED = '{"error":"invalid_request","error_description":"The request could not be read."}'


def _ids(event: Any, context: Any) -> dict[str, str | None]:
    request = event.get("requestContext") if isinstance(event, dict) else None
    return {
        "request_id": getattr(context, "aws_request_id", None),
        "gateway_request_id": request.get("requestId") if isinstance(request, dict) else None,
    }


handler = create_handler(create_app(Settings.from_environment()))
snapshot.register(handler)
