"""The two clocks of a request: the gateway's own and the function's."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.gateway import Limits
from tests.infra.gateway.running import Serve

# The call with a body waits until the test opens the other end of the pipe.
GATED = """
import os
def handler(event, context):
    if "body" in event:
        open("gate").read()
    return [os.getpid(), context.get_remaining_time_in_millis()]
"""


def test_a_function_over_its_own_time_is_500_and_the_next_request_gets_a_cold_start(serve: Serve) -> None:
    running = serve(GATED, limits=Limits(function=0.3))
    os.mkfifo(running.folder / "gate")
    running.terminal.wait_for("cold start")
    before, left = running.client.get("/").json()

    late = running.client.post("/", content=b"x")

    assert left <= 300
    assert (late.status_code, late.json()) == (500, {"message": "Internal Server Error"})
    assert "no result within 0.3 s" in running.terminal.wait_for("the function failed")
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert running.client.get("/").json()[0] != before


def test_the_gateway_gives_up_with_503_and_the_invocation_goes_on(serve: Serve) -> None:
    running = serve(GATED, limits=Limits(gateway=0.5, environments=1))
    os.mkfifo(running.folder / "gate")
    running.terminal.wait_for("cold start")
    before, left = running.client.get("/").json()

    late = running.client.post("/", content=b"x")
    with (running.folder / "gate").open("w") as gate:
        gate.write("go on")

    assert left > 28_000
    assert (late.status_code, late.json()) == (503, {"message": "Service Unavailable"})
    assert "no answer within 0.5 s" in running.terminal.wait_for("the function failed")
    assert running.client.get("/").json()[0] == before


def test_the_wait_for_an_environment_counts_and_who_gets_none_is_not_invoked(serve: Serve) -> None:
    running = serve(GATED, limits=Limits(gateway=0.5, environments=1))
    os.mkfifo(running.folder / "gate")
    running.terminal.wait_for("cold start")
    running.client.get("/")
    with ThreadPoolExecutor(3) as pool:
        late = [call.result() for call in [pool.submit(running.client.post, "/", content=b"x") for _ in range(3)]]

    assert [answer.status_code for answer in late] == [503, 503, 503]
    running.terminal.wait_for("no free environment within 0.5 s (1 at work)", times=2)
    # One writer is enough: the two others never came to open the pipe.
    with (running.folder / "gate").open("w") as gate:
        gate.write("go on")
    assert running.client.get("/").status_code == 200


def test_an_invocation_that_fails_after_its_time_is_said(serve: Serve) -> None:
    running = serve(GATED, limits=Limits(gateway=0.2, function=0.4))
    os.mkfifo(running.folder / "gate")
    running.terminal.wait_for("cold start")

    assert running.client.post("/", content=b"x").status_code == 503

    running.terminal.wait_for("the function failed after its time: no result within 0.4 s")
