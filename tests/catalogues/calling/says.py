"""Tools that say things while they run."""

from typing import Any

from app.authoring import CurrentCall, Level, ToolError, get_call, tool


@tool()
async def counts(call: CurrentCall, steps: list[float], total: float | None = None, message: str = "") -> str:
    """Report each step."""
    for step in steps:
        await call.progress(step, total, message or None)
    return "counted"


@tool()
async def logs(call: CurrentCall, levels: list[Level], data: dict[str, Any]) -> str:
    """Log the same at each level."""
    for level in levels:
        await call.log(level, data, logger="of the tool")
    return "logged"


@tool()
async def mixes(call: CurrentCall) -> str:
    """Report and log in turn."""
    await call.progress(1, 2, "half")
    await call.log("info", "between")
    await call.progress(2, 2)
    await call.log("error", "at the end")
    return "mixed"


@tool()
async def floods(call: CurrentCall, times: int, size: int = 0, result: int = 0) -> str:
    """Report and log more than anybody reads."""
    await call.log("warning", "the first")
    for done in range(times):
        await call.progress(done, message="x" * size)
    await call.log("warning", "y" * size)
    return '"' * result


@tool()
async def fails(call: CurrentCall) -> str:
    """Log, and fail."""
    await call.log("error", "here is why")
    raise ToolError("it failed")


@tool()
async def far_below() -> str:
    """Log where no parameter is."""
    await get_call().log("info", "from below")
    return "logged"
