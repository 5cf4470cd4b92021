"""SnapStart: what is done once before the snapshot, and what each environment restored from it needs anew.

Signing keys are fetched before it: they are public, and their age is wall time. The snapshot holds no secret, no
credential and no connection, because none exists before the first call.
"""

import asyncio
import gc
import logging
import os
import random
import ssl
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from importlib import import_module
from typing import Any

import anyio
from mcp_types.methods import SERVER_RESULTS, serialize_server_result
from pydantic import ValidationError

from app.runtime.lean import build_deferred_models

Handler = Callable[[Any, Any], object]
FetchKeys = Callable[[], Coroutine[Any, Any, None]]
"""Fetches the signing keys, and leaves no connection open."""
Step = Callable[[], object]
"""Does something that the first call would do otherwise."""

_LATER_IMPORTS = ("app.workos.transport", "boto3", "encodings.idna")
"""Modules that the first use of WorkOS, of SSM and of a host name imports.

A client of boto3 is not made: it would ask for credentials, which belong to the time before the snapshot.
"""


def register(handler: Handler, fetch_keys: FetchKeys | None = None, *steps: Step) -> None:
    """Have Lambda call `warm_up` before a snapshot and `renew_randomness` after each restore."""
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot
    except ImportError:
        return  # Lambda's Python runtimes bring it; elsewhere nobody takes snapshots
    register_before_snapshot(warm_up, handler, fetch_keys, *steps)
    register_after_restore(renew_randomness)


def warm_up(handler: Handler, fetch_keys: FetchKeys | None = None, *steps: Step) -> None:
    """Do what the first calls would do. Only `fetch_keys` uses the network."""
    _serve_without_token(handler)
    for step in (build_everything, *steps):
        step()
    anyio.run(anyio.sleep, 0)  # imports anyio's asyncio backend, which connections and sync tools need
    if fetch_keys:
        # On a loop of its own, so that no thread that looked up a name is left in the snapshot.
        with closing(asyncio.new_event_loop()) as loop:
            loop.run_until_complete(fetch_keys())
    for module in _LATER_IMPORTS:
        with suppress(ImportError):
            import_module(module)
    # All of this stays. Without freeze() the collector would look through it in the middle of a call, for 80 ms.
    gc.collect()
    gc.freeze()


def build_everything() -> None:
    """Build deferred models, and the validators that the SDK builds for the first result of each method."""
    build_deferred_models()
    for method, version in SERVER_RESULTS:
        # `{}` is invalid, but validating it makes the SDK build and keep the validator.
        with suppress(ValidationError):
            serialize_server_result(method, version, {})


def renew_randomness() -> None:
    """Seed anew what all environments would share otherwise (SnapStart guide, "Handling uniqueness").

    The operating system's random numbers differ by themselves. Python's own would not: all environments would wait
    the same times between retries, and begin TLS in the same state where OpenSSL does not notice the restore.
    """
    random.seed()
    ssl.RAND_add(os.urandom(32), 32.0)


def _serve_without_token(handler: Handler) -> None:
    logging.disable()  # nobody made these calls, so they are not logged
    try:
        handler(_make_event("GET", "/.well-known/oauth-protected-resource"), None)
        handler(_make_event("POST", "/mcp"), None)
    finally:
        logging.disable(logging.NOTSET)


def _make_event(method: str, path: str) -> dict[str, Any]:
    """An event of API Gateway, payload 2.0."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "localhost"},
        "requestContext": {"http": http},
        "isBase64Encoded": False,
    }
