"""A function with SnapStart in a process: one snapshot, and a fork of it for each environment that is restored.

Takes one line of JSON at a time on stdin and answers each with a line on stdout. "restore" makes the next
environment, "end" ends it, an event is served by it. Its argument names the package that holds the tools.
"""

import io
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import FrameType
from typing import Any

import snapshot_restore_py as runtime  # tests/snapshot/library, through PYTHONPATH

from app.application import create_app
from app.auth.fetch import create_tls_context
from app.handler import Handler, create_handler
from app.runtime import logs
from app.runtime import snapstart as snapshot
from app.settings import Settings


def main() -> None:
    log = logs.logger.registered_handler
    assert isinstance(log, logging.StreamHandler)
    log.setStream(io.StringIO())
    contacted: list[str] = []
    sys.addaudithook(
        lambda name, _: contacted.append(name) if name in {"socket.connect", "socket.getaddrinfo"} else None
    )
    app = create_app(Settings.from_environment(), tools=import_module(sys.argv[1]))
    handler = create_handler(app)
    at_import = list(contacted)
    runtime.forget()  # app.handler's own application, which has other tools
    snapshot.register(handler, app.state.prepare_snapshot, create_tls_context)
    runtime.run_before_snapshot()
    say(
        {
            "contacted_by_import": at_import,
            "contacted": contacted,
            "connections": connections(),
            "threads": threading.active_count(),
            "logged": log.stream.getvalue(),
        }
    )
    for line in iter(sys.stdin.readline, ""):
        assert json.loads(line) == "restore"
        if os.fork() == 0:
            serve(handler)
            os._exit(0)
        os.wait()


def connections() -> int:
    """Open sockets of the internet's kind; the loops wake themselves through another."""
    found = 0
    for number in range(3, 256):
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as each:
            found += each.family in {socket.AF_INET, socket.AF_INET6}
    return found


def serve(handler: Handler) -> None:
    """One environment's life."""
    loaded = set(sys.modules)
    runtime.run_after_restore()
    say("restored")
    while (line := sys.stdin.readline()) and (event := json.loads(line)) != "end":
        with schemas_built() as built:
            result = handler(event, None)
        say({"result": result, "imported": sorted(set(sys.modules) - loaded), "built": built})
    say("ended")


@contextmanager
def schemas_built() -> Iterator[list[str]]:
    """What pydantic makes a schema of meanwhile: each takes it longer than all else in a call."""
    built: list[str] = []

    def watch(frame: FrameType, event: str, _: Any) -> None:
        of_pydantic = frame.f_globals.get("__name__") == "pydantic._internal._generate_schema"
        if event == "call" and of_pydantic and frame.f_code.co_name == "generate_schema":
            built.append(repr(frame.f_locals["obj"]))

    sys.setprofile(watch)
    try:
        yield built
    finally:
        sys.setprofile(None)


def say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
