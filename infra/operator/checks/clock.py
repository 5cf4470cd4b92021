"""Compare the clocks: tokens live for minutes, and the server tolerates a difference of 30 seconds."""

from email.utils import parsedate_to_datetime

from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.observation import Observation
from infra.operator.web import Answer, Reply

CHECK = "clock"
_LEEWAY_SECONDS = 30


def check_clock(seen: Observation) -> Finding:
    server, authkit = measure_clock_lead(seen.post), measure_clock_lead(seen.authkit)
    if server is None:
        return skipped(CHECK, "the server's answer has no Date")
    if authkit is not None and abs(server - authkit) > _LEEWAY_SECONDS:
        return failed(
            CHECK,
            f"the server's clock is {server - authkit:+.0f} s from AuthKit's: fresh tokens look expired, or not "
            "yet valid",
            "AWS keeps its own clocks: look for a proxy or cache that sends an old Date, or set this host's clock",
        )
    if abs(server) > _LEEWAY_SECONDS:
        return warned(
            CHECK,
            f"this machine's clock is {-server:+.0f} s from the server's",
            "set this machine's clock: a client on it refreshes tokens too late or too early",
        )
    return passed(CHECK, f"within {max(1, round(abs(server)))} s")


def measure_clock_lead(reply: Reply) -> float | None:
    """Seconds by which the other side's clock is ahead of this machine's."""
    if not isinstance(reply, Answer) or "date" not in reply.headers:
        return None
    try:
        # A Date header has whole seconds, so it is half a second old on average.
        return parsedate_to_datetime(reply.headers["date"]).timestamp() + 0.5 - reply.received_at
    except ValueError:
        return None
