"""What is left of calls whose environment is killed before WorkOS has their events."""

import asyncio

import pytest

from tests.audit.environment import EVENTS, Function, Vendor, function, vendor


async def killed_in_an_outage(there: Vendor) -> tuple[Function, int]:
    """The function after 8 calls during which WorkOS was down, and how many it had answered before."""
    async with function(there) as running:
        while not running.took or len(there.arrived) < len(running.took):  # a first call imports the SDK
            await running.call()
        before = len(running.took)
        there.api.fail(path=EVENTS, status=503)
        await running.call(8)
        await running.kill()
        there.api.hook("DELETE", "failures")
        return running, before


@pytest.mark.broad
def test_a_kill_takes_pending_events_with_it_and_no_record() -> None:
    with vendor() as there:
        function, before = asyncio.run(killed_in_an_outage(there))
        arrived = there.arrived

    assert sorted(arrived) == sorted(function.called[:before])
    assert len(set(function.called)) == before + 8
    assert function.losses == []
