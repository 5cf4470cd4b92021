"""Whether work would be done: for the operator, the function begins work that does nothing, and looks at it."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from app.protocol.tasks.names import CHECK
from app.runtime.durable import DurableEngine, EngineUnavailable, ExecutionUnknown

MAX_LOOKS = 30
PAUSE_SECONDS = 0.5
"""Between two looks: 15 seconds in all, in which the worker has to start."""


async def check_worker(engine: DurableEngine, sleep: Callable[[float], Awaitable[None]]) -> str:
    """`ready`; `failed` if the worker does not start; `silent` if it takes too long; or one of ENGINE_CAUSES."""
    try:
        arn = await engine.begin(f"{CHECK}-{uuid4().hex}", {CHECK: True})
        for _ in range(MAX_LOOKS):
            if (status := await _read_status(engine, arn)) != "RUNNING":
                return "ready" if status == "SUCCEEDED" else "failed"
            await sleep(PAUSE_SECONDS)
        await engine.stop(arn)
    except EngineUnavailable as failure:
        return failure.cause
    return "silent"


async def _read_status(engine: DurableEngine, arn: str) -> str:
    try:
        return (await engine.describe(arn)).status
    except ExecutionUnknown:
        return "RUNNING"  # it has only just begun
