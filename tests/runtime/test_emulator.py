"""The artefact under AWS's Runtime Interface Emulator: what a client sees when all is well, and when it is not."""

import itertools
import json
from typing import Any

import pytest

from tests.loopback_issuer import LoopbackIssuer
from tests.rig import ERAS, Answer
from tests.runtime.artefact import Artefact
from tests.runtime.conftest import Emulate
from tests.runtime.emulator import Emulator
from tests.runtime.probe import TOOL_SECONDS

pytestmark = [pytest.mark.runtime, pytest.mark.timeout(180)]

MARGIN = 8192
"""What the function leaves free below Lambda's limit for a result, for headers."""
PROBE_SECONDS = 20
"""The emulator counts a cold start into the first call, which takes many seconds where the machine is busy."""


def text(answer: Answer) -> str:
    said: str = answer.json["result"]["content"][0]["text"]
    return said


@pytest.fixture
def probe(emulate: Emulate) -> Emulator:
    """The artefact with tools that try the limits."""
    return emulate(handler="tests.runtime.probe.handler", timeout=PROBE_SECONDS)


def test_a_verified_caller_is_served(emulate: Emulate, vendor: LoopbackIssuer) -> None:
    function = emulate()

    answer = function.send(vendor.call("whoami"))

    assert answer.json["result"]["structuredContent"]["user_id"] == "user_01ALICE"
    assert len(function.inits) == 1


def test_the_code_under_test_is_the_artefacts(probe: Emulator, vendor: LoopbackIssuer, artefact: Artefact) -> None:
    assert text(probe.send(vendor.call("process"))).split()[1] == str(artefact.folder / "app")


def test_many_warm_calls_of_both_eras_need_one_start_and_one_fetch_of_the_keys(
    emulate: Emulate, vendor: LoopbackIssuer
) -> None:
    function = emulate()

    for era in itertools.islice(itertools.cycle(ERAS), 100):
        assert function.send(vendor.call("whoami", version=era)).json["result"]["isError"] is False

    assert (len(function.inits), vendor.jwks_fetches) == (1, 1)


def test_events_that_are_no_readable_request_are_answered_and_do_no_harm(
    emulate: Emulate, vendor: LoopbackIssuer
) -> None:
    function = emulate()
    events: list[tuple[Any, int]] = [
        ({"source": "aws.events", "detail-type": "Scheduled Event"}, 204),
        ({"Records": [{"eventSource": "aws:sqs"}]}, 204),
        ({}, 204),
        ([], 204),
        (None, 204),
        ("ping", 204),
        ({"version": "2.0", "requestContext": {}}, 400),
        ({"requestContext": None}, 400),
    ]

    assert [function.invoke(event)["statusCode"] for event, _ in events] == [status for _, status in events]
    assert function.send(vendor.call("whoami")).status == 200
    assert len(function.inits) == 1


def test_a_slow_tool_is_ended_by_the_function_itself_which_goes_on(
    probe: Emulator, vendor: LoopbackIssuer
) -> None:
    before = text(probe.send(vendor.call("process")))

    answer = probe.send(vendor.call("slow"))

    assert answer.json["result"]["isError"] is True
    assert f"ended after {TOOL_SECONDS:g} seconds" in text(answer)
    assert text(probe.send(vendor.call("process"))) == before


def test_a_tool_that_blocks_is_ended_by_lambda_and_the_next_call_starts_anew(
    probe: Emulator, vendor: LoopbackIssuer
) -> None:
    before = text(probe.send(vendor.call("process")))

    outcome = probe.invoke(vendor.call("blocks"))

    assert f"Task timed out after {PROBE_SECONDS:.2f} seconds" in json.dumps(outcome)
    assert text(probe.send(vendor.call("process"))) != before


def test_a_runtime_that_is_killed_in_mid_call_is_replaced_for_the_next_one(
    probe: Emulator, vendor: LoopbackIssuer
) -> None:
    before = text(probe.send(vendor.call("process")))

    outcome = probe.invoke(vendor.call("dies"))

    assert outcome["errorType"] == "Runtime.ExitError"
    assert "signal: killed" in outcome["errorMessage"]
    assert text(probe.send(vendor.call("process"))) != before
    assert vendor.jwks_fetches == 2


def test_a_result_that_lambda_would_not_pass_on_is_an_error_that_the_client_can_read(
    probe: Emulator, vendor: LoopbackIssuer
) -> None:
    answer = probe.send(vendor.call("large", size=7_000_000))

    assert (answer.status, answer.json["result"]["isError"]) == (200, True)
    assert text(answer).startswith("The result is 7,000,")


def test_the_largest_result_that_the_function_lets_through_is_passed_on(
    probe: Emulator, vendor: LoopbackIssuer
) -> None:
    size = 6_291_556 - MARGIN - 1024  # what JSON-RPC puts around it, with its quotes escaped

    answer = probe.send(vendor.call("large", size=size))

    assert len(text(answer)) == size


def test_one_byte_over_lambdas_limit_is_what_our_limit_is_below(emulate: Emulate) -> None:
    function = emulate(handler="tests.runtime.probe.too_large")

    assert function.invoke({})["errorType"] == "Function.ResponseSizeTooLarge"
