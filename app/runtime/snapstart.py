"""SnapStart: what is done once, before the snapshot, and what each environment restored from it needs anew.

Signing keys are fetched for it: they are public, and their age is wall time. Secrets, credentials and connections
are not in it: none exists before the first call.
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

from app.auth.fetch import create_tls_context

Handler = Callable[[Any, Any], object]
Prepare = Callable[[], Coroutine[Any, Any, None]]
"""Fetches what environments may share, and leaves no connection open."""
Build = Callable[[], None]
"""Builds what else would be built on first use."""

_LATER = ("app.workos.transport", "aws_lambda_powertools.utilities.parameters", "encodings.idna")
"""What the first use of WorkOS, of SSM and of a host name imports.

Modules alone: a client of boto3 would ask for the credentials of before the snapshot.
"""


def register(handler: Handler, prepare: Prepare | None = None, build: Build | None = None) -> None:
    """Have Lambda run the two functions below; without SnapStart it never does."""
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot
    except ImportError:
        return  # Lambda's Python runtimes bring it: elsewhere nobody takes snapshots
    register_before_snapshot(warm_up, handler, prepare, build)
    register_after_restore(renew_randomness)


def warm_up(handler: Handler, prepare: Prepare | None = None, build: Build | None = None) -> None:
    """Do what the first calls would do, as far as that needs no token; of the network `prepare` alone."""
    logging.disable()  # a call that nobody made is no line in the log
    try:
        handler(_request("GET", "/.well-known/oauth-protected-resource"), None)
        handler(_request("POST", "/mcp"), None)
    finally:
        logging.disable(logging.NOTSET)
    if build:
        build()
    create_tls_context()
    anyio.run(anyio.sleep, 0)  # imports its asyncio backend, which connections and sync tools need
    if prepare:
        # On a loop of its own: no thread that looked up a name is left, and closing it waits for none.
        with closing(asyncio.new_event_loop()) as loop:
            loop.run_until_complete(prepare())
    for module in _LATER:
        with suppress(ImportError):
            import_module(module)
    # All of this stays: looking through it for garbage takes 80 ms, in the middle of a call.
    gc.collect()
    gc.freeze()


def renew_randomness() -> None:
    """The system's random numbers differ by themselves (SnapStart guide, "Handling uniqueness"), these do not.

    All environments would wait the same random times between retries, and begin TLS from the same state
    wherever OpenSSL is not told of snapshots.
    """
    random.seed()
    ssl.RAND_add(os.urandom(32), 32.0)


def _request(method: str, path: str) -> dict[str, Any]:
    """A payload 2.0 event."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "localhost"},
        "requestContext": {"http": http},
        "isBase64Encoded": False,
    }
