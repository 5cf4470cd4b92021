"""The Lambda entry point: `app.handler.handler`."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from app.lean import lean_imports

# Packages log while they are imported, before logs.configure(), and the runtime may have set this to DEBUG.
logging.getLogger().setLevel(logging.WARNING)

with lean_imports():
    from fastapi import FastAPI

    from app import events, logs, snapshot
    from app.application import create_app
    from app.deadline import MARGIN
    from app.protocol.adapters import build_all
    from app.settings import Settings

Handler = Callable[[Any, Any], dict[str, Any]]

# One loop for all invocations: what a warm environment keeps (clients, locks) belongs to a loop.
_loop = asyncio.new_event_loop()
_one_at_a_time = threading.Lock()


def create_handler(app: FastAPI) -> Handler:
    """A Lambda handler around the application, for API Gateway (2.0 and 1.0), Function URL and ALB events."""
    logs.configure()
    logs.replace_hooks()
    asyncio.set_event_loop(_loop)  # or Mangum makes one of its own
    adapter = events.EventAdapter(app)

    def handler(event: Any, context: Any) -> dict[str, Any]:
        """Serve one event; one that is no HTTP request is logged and returned from, never a crash."""
        with _one_at_a_time:
            logs.identify(_ids(event, context))
            if not events.is_http(event):
                logs.logger.info("not an HTTP event, nothing to do")
                return {"statusCode": 204, "body": ""}
            try:
                request = adapter.read(event, context)
            except events.MalformedEvent as malformed:
                logs.logger.warning("malformed HTTP event", detail=str(malformed))
                return {"statusCode": 400, "headers": {"content-type": "application/json"}, "body": _MALFORMED}
            asyncio.set_event_loop(_loop)
            try:
                return adapter.serve(request)
            except SystemExit:
                # Out of a task that a tool began: asyncio lets it through, past every `except` around the tool.
                logs.logger.exception("something called for the end of the program")
                _end_all()
                return {"statusCode": 500, "headers": {"content-type": "application/json"}, "body": _FAILED}

    return handler


def _end_all() -> None:
    """What runs on the loop is ended now, or it would go on in the middle of the next call."""

    async def end() -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.wait([asyncio.gather(*rest, return_exceptions=True)], timeout=MARGIN)

    # RuntimeError: another task did the same, which stops the loop.
    with suppress(SystemExit, RuntimeError):
        _loop.run_until_complete(end())


_MALFORMED = '{"error":"invalid_request","error_description":"The request could not be read."}'
_FAILED = '{"error":"internal_error"}'


def _ids(event: Any, context: Any) -> dict[str, str | None]:
    request = event.get("requestContext") if isinstance(event, dict) else None
    return {
        "request_id": getattr(context, "aws_request_id", None),
        "gateway_request_id": request.get("requestId") if isinstance(request, dict) else None,
    }


_app = create_app(Settings.from_environment())
handler = create_handler(_app)
snapshot.register(handler, _app.state.prepare_snapshot, build_all)
