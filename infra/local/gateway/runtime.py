"""The function's process: imports the handler once, then answers one invocation after another.

It runs as a script and uses the standard library only, so that the handler gets the interpreter as on
Lambda. Messages use one inherited socket, so that stdout and stderr are free for logs. A message is four
bytes of length, a line with its kind, and the content.
"""

import importlib
import json
import os
import queue
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LENGTH = struct.Struct(">I")
Handler = Callable[[Any, "LambdaContext"], object]


@dataclass(frozen=True)
class LambdaContext:
    """The second argument of a handler, with Lambda's names and types."""

    aws_request_id: str
    deadline: float
    """Unix time in seconds."""
    function_name: str = field(default_factory=lambda: os.environ["AWS_LAMBDA_FUNCTION_NAME"])
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = field(default_factory=lambda: os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
    log_group_name: str = ""
    log_stream_name: str = ""
    identity: None = None
    client_context: None = None

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{os.environ['AWS_REGION']}:123456789012:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.time()) * 1000))


def main() -> int:
    module, descriptor = sys.argv[1], int(sys.argv[2])
    os.set_inheritable(descriptor, False)
    connection = socket.socket(fileno=descriptor)
    invocations: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=receive, args=(connection, invocations), daemon=True).start()
    try:
        handler: Handler = importlib.import_module(module).handler
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the developer needs to see any exception
        send(connection, b"broken", explain(error, module.partition(".")[0]).encode())
        return 1
    send(connection, b"ready")
    while True:
        answer(handler, invocations.get(), connection, module)


def receive(connection: socket.socket, invocations: "queue.SimpleQueue[bytes]") -> None:
    """Runs in a thread, so that it notices the end of the parent while the handler works."""
    stream = connection.makefile("rb")
    try:
        while header := stream.read(LENGTH.size):
            invocations.put(stream.read(*LENGTH.unpack(header)))
    finally:
        # End the whole process group, so that no program that a tool started outlives it.
        os.killpg(0, signal.SIGKILL)


def answer(handler: Handler, invocation: bytes, connection: socket.socket, module: str) -> None:
    """Run one invocation and send its result, or the reason why there is no result."""
    about, _, event = invocation.partition(b"\n")
    try:
        result = handler(json.loads(event), LambdaContext(**json.loads(about)))
        # As Lambda's own runtime client writes JSON: without ASCII escapes, and without NaN.
        content = json.dumps(result, ensure_ascii=False, allow_nan=False).encode()
    except Exception as error:  # noqa: BLE001 - a Lambda environment outlives a handler that raised
        send(connection, b"error", explain(error, module.partition(".")[0]).encode(errors="replace"))
    else:
        send(connection, b"result", content)


def send(connection: socket.socket, kind: bytes, content: bytes = b"") -> None:
    connection.sendall(LENGTH.pack(len(kind) + 1 + len(content)) + kind + b"\n" + content)


def explain(error: BaseException, package: str) -> str:
    """The part of an exception that the developer needs, without the whole traceback."""
    is_own = type(error).__module__.partition(".")[0] == package
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    reason = what if is_own else f"{type(error).__name__}: {what}".removesuffix(": ")
    own_place, place = find_place(error, package), find_place(find_cause(error), package)
    # The message of the function's own error is enough, unless it reports an error in another file.
    if place is None or (is_own and own_place is not None and own_place.filename == place.filename):
        return reason
    return f"{reason}\n    {os.path.relpath(place.filename)}, line {place.lineno}: {place.line}"


def find_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def find_place(error: BaseException, package: str) -> traceback.FrameSummary | None:
    """The innermost line of the function's own code in the traceback."""
    if isinstance(error, SyntaxError) and error.filename:
        return traceback.FrameSummary(error.filename, error.lineno or 0, "", line=error.text or "")
    # The working directory is the folder that contains the package.
    root = os.path.join(os.getcwd(), package)
    frames = traceback.extract_tb(error.__traceback__)
    inside = [each for each in frames if each.filename.startswith((root + os.sep, root + ".py"))]
    return inside[-1] if inside else None


if __name__ == "__main__":
    sys.exit(main())
