"""What bodies cost one warm environment, each in a process of its own: `python -m tests.hostile.weigh 4194304`.

A fork for each body: its CPU time and its peak memory are then those of this body alone, and where one ends the
process, the others are still weighed.
"""

import json
import os
import resource
import sys
from dataclasses import asdict, dataclass, replace
from time import process_time

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from app.runtime.logs import logger
from tests.catalogues import heavy
from tests.catalogues.hostile import prompts, resources
from tests.events import http_api
from tests.hostile.shapes import Shape, shapes
from tests.rig import ERAS, SETTINGS, Rig

MIB = 1024 * 1024
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
MAX_CPU_SECONDS = 30
"""Then the kernel ends the process."""


@dataclass(frozen=True)
class Weight:
    name: str
    size: int
    """Bytes of the body."""
    cpu: float
    """Seconds."""
    memory: float
    """MiB at the peak, more than before."""
    status: int
    text: str
    """The beginning of the answer."""
    next_is_right: bool
    """Whether the environment then served a call as always."""


def main() -> None:
    rig = warm()
    for size in map(int, sys.argv[1:]):
        for name, shape in shapes():
            weigh(rig, name, shape, size)


def warm() -> Rig:
    """An environment that has served each kind of request; its log goes nowhere."""
    logger.registered_handler.setStream(open(os.devnull, "w"))  # type: ignore[attr-defined]  # noqa: SIM115
    settings = replace(SETTINGS, request_state_keys=(b"k" * 32,))
    rig = Rig(settings, tools=heavy, prompts=prompts, resources=resources)
    for version in ERAS:
        for tool in ("lists", "tables", "trees", "scalars"):
            assert rig.call(tool, version=version)["isError"] is False
        for method, params in (
            ("prompts/get", {"name": "introduces", "arguments": {"name": "x"}}),
            ("resources/read", {"uri": "file://a"}),
            ("tools/list", {}),
        ):
            assert rig.exchange(method, params, version=version).status == 200
    return rig


def weigh(rig: Rig, name: str, shape: Shape, size: int) -> None:
    """Print it as a line of JSON; a process that ended has status 0."""
    sys.stdout.flush()
    if (child := os.fork()) == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
        print(json.dumps(asdict(_weight(rig, name, shape, size))), flush=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        print(json.dumps(asdict(Weight(name, size, 0, 0, 0, f"ended with {status}", False))), flush=True)


def _weight(rig: Rig, name: str, shape: Shape, size: int) -> Weight:
    headers, body = shape.written(size)
    bearer = {"authorization": f"Bearer {rig.issuer.token()}"}
    event = http_api(headers={**headers, **bearer}, body=body)
    before, began = _peak(), process_time()
    answer = rig.send(event)
    cpu, memory = process_time() - began, _peak() - before
    after = rig.call("lists", {"numbers": [1]})
    next_is_right = after["structuredContent"] == {"result": "user_01ALICE"}
    return Weight(name, len(body.encode()), cpu, memory, answer.status, answer.text[:300], next_is_right)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / MIB


if __name__ == "__main__":
    main()
