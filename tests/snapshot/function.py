"""A function with SnapStart in a process: one snapshot, and a fork of it for each environment that is restored.

Takes one line of JSON at a time on stdin and answers each with a line on stdout. "restore" makes the next
environment, "end" ends it, an event is served by it. Its argument names the package that holds the tools.
"""

import io
import json
import logging
import os
import sys
from importlib import import_module
from typing import Any

import snapshot_restore_py as runtime  # tests/snapshot/library, through PYTHONPATH

from app import logs, snapshot
from app.application import create_app
from app.handler import Handler, create_handler
from app.settings import Settings


def main() -> None:
    log = logs.logger.registered_handler
    assert isinstance(log, logging.StreamHandler)
    log.setStream(io.StringIO())
    contacted: list[str] = []
    sys.addaudithook(
        lambda name, _: contacted.append(name) if name in {"socket.connect", "socket.getaddrinfo"} else None
    )
    handler = create_handler(create_app(Settings.from_environment(), tools=import_module(sys.argv[1])))
    snapshot.register(handler)
    runtime.run_before_snapshot()
    say({"contacted": contacted, "logged": log.stream.getvalue()})
    for line in iter(sys.stdin.readline, ""):
        assert json.loads(line) == "restore"
        if os.fork() == 0:
            serve(handler)
            os._exit(0)
        os.wait()


def serve(handler: Handler) -> None:
    """One environment's life."""
    loaded = set(sys.modules)
    runtime.run_after_restore()
    say("restored")
    while (line := sys.stdin.readline()) and (event := json.loads(line)) != "end":
        result = handler(event, None)
        say({"result": result, "imported": sorted(set(sys.modules) - loaded)})
    say("ended")


def say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
