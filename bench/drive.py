"""The program in the measured server's process, `python -P drive.py MODULE`: JSON lines in, JSON lines out.

It is of the standard library alone and imports nothing of this project: its path holds the server's package.
What the server prints goes to /dev/null, what it says of an error to standard error.

{"do": "start"}                  import the module; seconds of wall and CPU
{"do": "call", "events": [...]}  the handler once for each event (JSON texts); seconds of each, and the answers
{"do": "look"}                   peak and present memory in bytes, CPU since the process began, modules
"""

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from time import perf_counter, process_time
from typing import IO, Any

MOST_ANSWERS = 20
Handler = Callable[[Any, Any], dict[str, Any]]


class Context:
    """Lambda's, of an invocation that has just begun."""

    aws_request_id = "8f507cfc-8f63-4697-b07a-ac58fc914c95"
    function_name = "bench"
    function_version = "1"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench:live"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


class Driver:
    def __init__(self, module: str) -> None:
        self._module = module
        self._handler: Handler | None = None

    def start(self) -> dict[str, Any]:
        wall, cpu = perf_counter(), process_time()
        self._handler = import_module(self._module).handler
        return {"wall": perf_counter() - wall, "cpu": process_time() - cpu}

    def call(self, events: list[str]) -> dict[str, Any]:
        """Each event is parsed before its clock starts, as Lambda's runtime does."""
        handler = self._handler
        assert handler, "start comes first"
        walls, cpus = [], []
        answers: dict[tuple[int, str], int] = {}
        for text in events:
            event, context = json.loads(text), Context()
            wall, cpu = perf_counter(), process_time()
            result = handler(event, context)
            cpus.append(process_time() - cpu)
            walls.append(perf_counter() - wall)
            answer = result["statusCode"], result.get("body", "")
            answers[answer] = answers.get(answer, 0) + 1
        told = [{"status": status, "body": body, "count": count} for (status, body), count in answers.items()]
        return {"wall": walls, "cpu": cpus, "answers": told[:MOST_ANSWERS]}

    def look(self) -> dict[str, Any]:
        # Not getrusage: its peak counts from the fork on, so a large parent would be in it.
        with open("/proc/self/status") as status:
            kilobytes = {name: value for name, _, value in (line.partition(":") for line in status)}
        peak, present = (int(kilobytes[name].split()[0]) * 1024 for name in ("VmHWM", "VmRSS"))
        return {"peak": peak, "present": present, "cpu": process_time(), "modules": len(sys.modules)}


def main() -> None:
    driver = Driver(sys.argv[1])
    with _own_output() as answers:
        for line in sys.stdin:
            command = json.loads(line)
            answers.write(json.dumps(getattr(driver, command.pop("do"))(**command)) + "\n")
            answers.flush()


def _own_output() -> IO[str]:
    """The pipe to the parent, taken away from the server before it is imported."""
    pipe = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return os.fdopen(pipe, "w")


if __name__ == "__main__":
    main()
