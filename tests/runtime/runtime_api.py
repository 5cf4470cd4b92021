"""Lambda's Runtime API with the restore phase, which the emulator lacks: a request that has to wait."""

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.rig import Answer
from tests.runtime.artefact import Artefact
from tests.runtime.emulator import PATIENCE, variables

_VERSION = "/2018-06-01/runtime"


class SnapStart:
    """One environment of the function, driven by Lambda's own runtime client; a context manager."""

    def __init__(
        self,
        artefact: Artefact,
        settings: Mapping[str, str],
        *,
        handler: str = "app.handler.handler",
        kind: str = "snap-start",
        log: Path | None = None,
    ) -> None:
        """`log` is the file that gets what the function writes to either stream."""
        self._artefact, self._handler, self._log = artefact, handler, log or Path(os.devnull)
        self._variables = {**settings, "AWS_LAMBDA_INITIALIZATION_TYPE": kind}
        self._stack = ExitStack()
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._restored = threading.Event()

    def __enter__(self) -> Self:
        server = self._stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), self._answer_requests()))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._stack.callback(server.shutdown)
        written = self._stack.enter_context(self._log.open("wb"))
        process = subprocess.Popen(
            [str(self._artefact.interpreter), "-m", "awslambdaric", self._handler],
            cwd=self._artefact.folder,
            env={
                **variables(self._artefact),
                **self._variables,
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
            },
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        self.process = process
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restored.set()
        self._stack.close()

    def wait_until_ready(self) -> str:
        """What the runtime asked for after INIT: its restore, or without SnapStart its first event."""
        return self._told.get(timeout=PATIENCE)[0]

    def restore(self) -> None:
        """Let time go on; the hooks that follow run before the first event is asked for."""
        self._restored.set()
        assert self._told.get(timeout=PATIENCE)[0] == f"{_VERSION}/invocation/next"

    def send(self, event: Any) -> tuple[Answer, float]:
        """The answer, and how many milliseconds it took."""
        started = time.perf_counter()
        self._events.put(event)
        path, result = self._told.get(timeout=PATIENCE)
        took = (time.perf_counter() - started) * 1000
        assert path.endswith("/response"), result
        assert self._told.get(timeout=PATIENCE)[0] == f"{_VERSION}/invocation/next"
        return Answer(result["statusCode"], result["headers"], result["body"]), took

    def _answer_requests(api) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - self is the request
        class Request(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # head and body in one packet

            def do_GET(self) -> None:
                api._told.put((self.path, None))
                if self.path == f"{_VERSION}/restore/next":
                    api._restored.wait()
                    self._answer(200, {}, b"")
                    return
                event = json.dumps(api._events.get()).encode()
                head = {
                    "Lambda-Runtime-Aws-Request-Id": "request",
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + PATIENCE) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:f:live",
                    "Content-Type": "application/json",
                }
                self._answer(200, head, event)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                api._told.put((self.path, json.loads(body)))
                self._answer(202, {}, b"{}")

            def _answer(self, status: int, head: Mapping[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {**head, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
                """Nothing to say."""

        return Request
