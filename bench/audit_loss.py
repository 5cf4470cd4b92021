"""Measure what WorkOS's Audit Logs lack after a kill or an outage, for docs/audit.md.

Run it with: .venv/bin/python -m bench.audit_loss
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from tests.audit.environment import EVENTS, Function, Vendor, function, vendor

Scenario = Callable[[Function, Vendor], Awaitable[None]]


async def fine(function: Function, vendor: Vendor) -> None:
    await function.call(50)


async def quick_enough(function: Function, vendor: Vendor) -> None:
    vendor.api.fail(path=EVENTS, latency=0.15)
    await function.call(20)


async def too_slow(function: Function, vendor: Vendor) -> None:
    vendor.api.fail(path=EVENTS, latency=0.4)
    await function.call(20)


async def too_slow_then_idle(function: Function, vendor: Vendor) -> None:
    await too_slow(function, vendor)
    await asyncio.sleep(2)


async def too_slow_then_two_more(function: Function, vendor: Vendor) -> None:
    await too_slow(function, vendor)
    vendor.api.hook("DELETE", "failures")
    for _ in range(2):
        await asyncio.sleep(2)
        await function.call()


async def short_outage(function: Function, vendor: Vendor) -> None:
    vendor.api.fail(path=EVENTS, status=503)
    await function.call(20)
    vendor.api.hook("DELETE", "failures")
    while len(vendor.arrived) < len(function.took) and len(function.took) < 60:
        await asyncio.sleep(1)
        await function.call()


async def outage(function: Function, vendor: Vendor) -> None:
    vendor.api.fail(path=EVENTS, status=503)
    await function.call(120)


async def hanging(function: Function, vendor: Vendor) -> None:
    vendor.api.fail(path=EVENTS, hang=True)
    await function.call(120)


SCENARIOS: list[tuple[str, Scenario]] = [
    ("answers at once; 50 calls", fine),
    ("answers after 150 ms; 20 calls", quick_enough),
    ("answers after 400 ms; 20 calls", too_slow),
    ("the same, then 2 s without a call", too_slow_then_idle),
    ("the same, then two more calls, 2 s apart", too_slow_then_two_more),
    ("503 for 20 calls, then well; a call per second until all are there", short_outage),
    ("503 all the time; 120 calls", outage),
    ("hangs all the time; 120 calls", hanging),
]


async def measure(name: str, scenario: Scenario) -> str:
    with vendor() as there:
        async with function(there) as running:
            await running.call()  # a first call imports the SDK
            deadline = time.monotonic() + 10
            while not there.arrived and time.monotonic() < deadline:
                await running.call()
            settled = len(running.took)
            await scenario(running, there)
            await running.kill()
            there.api.hook("DELETE", "failures")
            await asyncio.sleep(1)  # what was on its way when the process ended
            arrived, told = there.arrived, len(running.losses)
            missing = len(set(running.called) - set(arrived))
            assert len(running.called) == len(running.took)
            assert len(arrived) == len(set(arrived))
            took = running.took[settled:]
            times = f"{statistics.median(took):.0f} / {max(took):.0f}"
            return f"| {name} | {len(arrived)} of {len(running.took)} | {told} | {missing - told} | {times} |"


async def first_call(action: str) -> float:
    with vendor() as there:
        async with function(there, action) as running:
            await running.call()
            return running.took[0]


async def main() -> None:
    print("| WorkOS | events there | lost with a line | lost with the environment | ms a call, median / most |")
    print("|---|---|---|---|---|")
    for name, scenario in SCENARIOS:
        print(await measure(name, scenario), flush=True)
    without = [await first_call("") for _ in range(5)]
    audited = [await first_call("mcp.tool_called") for _ in range(5)]
    print(f"\nFirst call of an environment: {statistics.median(without):.0f} ms without, ", end="")
    print(f"{statistics.median(audited):.0f} ms with audit log events (5 starts each).")


if __name__ == "__main__":
    asyncio.run(main())
