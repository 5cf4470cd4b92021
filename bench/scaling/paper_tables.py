"""The tables that need no simulation."""

from collections.abc import Iterator

from bench.scaling.levels import MEMORY, RATES, TOOLS, USUAL_TOOL
from bench.scaling.limits import Published
from bench.scaling.markdown import count, dollars, milliseconds, percent, table
from bench.scaling.measured import Measured
from bench.scaling.paper import bill, busy, environments
from bench.scaling.pressure import PRESSURES
from bench.scaling.prices import MONTH
from bench.scaling.timing import Kind, Timing, timing

WORTH_A_LOOK = 0.5
INIT = Kind(snap_start=False)
SNAP_START = Kind(snap_start=True)


def paper_tables(measured: Measured) -> dict[str, str]:
    return {
        "inputs": f"Measured: {measured.taken}.",
        "environments": _environments(measured),
        "costs": _costs(measured),
        "memory": _memory(measured),
        "pressures": _pressures(measured),
        "first": _first(measured),
    }


def _environments(measured: Measured) -> str:
    def rows() -> Iterator[tuple[object, ...]]:
        for rate in RATES:
            for tool in TOOLS:
                kinds = [timing(measured, kind, memory=MEMORY, tool=tool) for kind in (SNAP_START, INIT)]
                mean = busy(rate, kinds[0].warm)
                cold = [count(environments(busy(rate, each.start + each.first))) for each in kinds]
                needed = environments(mean)
                limits = Published()
                paced = max(0, needed - limits.starts) / limits.starts * limits.starts_seconds
                yield f"{rate:,}", tool, milliseconds(mean), count(needed), *cold, count(paced)

    heading = (
        "calls a second | tool, ms | under way on average | environments needed "
        "| wanted right after a deploy, SnapStart | the same, INIT | s until Lambda has started those needed"
    )
    return table(heading, rows())


def _costs(measured: Measured) -> str:
    def rows() -> Iterator[tuple[object, ...]]:
        for rate in RATES:
            for tool in TOOLS:
                init = bill(measured, INIT, rate, tool=tool, memory=MEMORY)
                snap = bill(measured, SNAP_START, rate, tool=tool, memory=MEMORY)
                x86 = bill(measured, INIT, rate, tool=tool, memory=MEMORY, arm64=False)
                parts = (init.gateway, init.requests, init.duration, x86.duration, init.logs)
                sums = (init.starts, snap.starts, init.total, snap.total, init.quota)
                yield f"{rate:,}", tool, *map(dollars, (*parts, *sums))

    heading = (
        "calls a second | tool, ms | HTTP API | Lambda requests | duration, arm64 | duration, x86_64 | logs "
        "| starts by INIT | by SnapStart | together, INIT | together, SnapStart | each quota, on top"
    )
    return table(heading, rows())


def _memory(measured: Measured) -> str:
    def rows() -> Iterator[tuple[object, ...]]:
        for memory in (1024, 1769, 3008):
            init, snap = (timing(measured, kind, memory=memory, tool=0) for kind in (INIT, SNAP_START))
            first = [milliseconds(1000 * (each.start + each.first)) for each in (init, snap)]
            secrets = [milliseconds(1000 * (each.start + each.first + each.secret)) for each in (init, snap)]
            dear = [bill(measured, SNAP_START, 100, tool=tool, memory=memory).duration for tool in TOOLS]
            million = [dollars(each / 100 / MONTH * 1e6) for each in dear]
            yield memory, *first, *secrets, milliseconds(1000 * snap.warm), *million

    heading = (
        "`MemorySize` | first answer, INIT | SnapStart | first with API key, INIT | SnapStart | warm "
        "| duration of a million calls, tool 0 ms | 50 ms | 500 ms"
    )
    return table(heading, rows())


def _pressures(measured: Measured) -> str:
    times = _usual(measured)
    return table(
        "limit | it is | 1 | 100 | 10,000",
        (
            (each.limit, count(each.allowed), *(percent(each.share(rate, times)) for rate in RATES))
            for each in PRESSURES
        ),
    )


def _first(measured: Measured) -> str:
    times = _usual(measured)

    def rows() -> Iterator[tuple[object, ...]]:
        for rate in RATES:
            ranked = sorted(PRESSURES, key=lambda each: -each.share(rate, times))
            for each in ranked:
                if (share := each.share(rate, times)) >= WORTH_A_LOOK:
                    yield f"{rate:,}", each.limit, percent(share), each.setting

    return table("calls a second | the worst first | taken, % | what prevents it", rows())


def _usual(measured: Measured) -> Timing:
    return timing(measured, SNAP_START, memory=MEMORY, tool=USUAL_TOOL)
