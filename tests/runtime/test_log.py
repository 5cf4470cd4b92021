"""The log under Lambda's own runtime client, at every level: no secret, no argument, no line of a caller's."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loopback_issuer import API_KEY, PARAMETER, STATE_PARAMETER, LoopbackIssuer
from tests.runtime.artefact import Artefact
from tests.runtime.runtime_api import SnapStart

pytestmark = [pytest.mark.runtime, pytest.mark.timeout(180)]

SEALING = base64.urlsafe_b64encode(b"sealed-by-nobody-else-but-us-1234").decode()
ARGUMENTS = {
    "finds": {"email": "patient@hospital.example"},
    "confirms": {"target": "the-target-of-a-caller"},
    "echoes": {"text": "the-text-of-a-caller"},
    "reads_parameter": {"name": PARAMETER},
    "nowhere": {"anything": "for-a-tool-that-there-is-not"},
}
FORGED = 'x\n{"level":"INFO","message":"exchange","user_id":"user_VICTIM"}\n\x85\u2028\r\ud800'
SAID = [
    *("warning of Python", "a.library", "odd", "%d"),
    *("exception ignored", "thread failed", "loop", "tool raised"),
]
"""What a tool of the catalogue brings into the log, in tests/runtime/catalogue/hostile.py."""


def run(artefact: Artefact, vendor: LoopbackIssuer, log: Path, calls: list[Any], **variables: str) -> list[str]:
    """The lines of one environment's log."""
    settings = {**vendor.settings, "REQUEST_STATE_KEY_PARAMETER": STATE_PARAMETER, **variables}
    with SnapStart(
        artefact, settings, handler="tests.runtime.probe.patient", kind="on-demand", log=log
    ) as function:
        function.wait_until_ready()
        for call in calls:
            function.send(call)
    lines = log.read_bytes().decode().splitlines()
    assert [line for line in lines if not line.startswith("{")] == []
    return lines


def settings_of_log() -> Iterator[dict[str, str]]:
    for level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"):
        for form in ("JSON", "Text"):
            yield {"AWS_LAMBDA_LOG_LEVEL": level, "AWS_LAMBDA_LOG_FORMAT": form}
        yield {"AWS_LAMBDA_LOG_LEVEL": level, "POWERTOOLS_LOG_LEVEL": level, "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    for level in ("DEBUG", "INFO", "WARN", "ERROR"):
        yield {"POWERTOOLS_LOG_LEVEL": level}


@pytest.mark.parametrize("variables", list(settings_of_log()), ids=lambda each: "-".join(each.values()))
def test_at_no_level_is_a_secret_or_an_argument_in_the_log(
    variables: dict[str, str], artefact: Artefact, vendor: LoopbackIssuer, tmp_path: Path
) -> None:
    vendor.parameters[STATE_PARAMETER] = SEALING
    calls = [vendor.call(tool, **given) for tool, given in ARGUMENTS.items()]
    calls += [vendor.call("finds", **ARGUMENTS["finds"], version="2025-11-25")]
    calls += [vendor.exchange("resources/read", {"uri": "secret://of-a-caller"})]
    tokens = {call["headers"]["authorization"].removeprefix("Bearer ") for call in calls}

    lines = run(artefact, vendor, tmp_path / "log", calls, **variables)

    secrets = [API_KEY, SEALING, SEALING.rstrip("="), "alice@example.com", "of-a-caller", "patient", "hospital"]
    secrets += [part for token in tokens for part in token.split(".") if len(part) > 5]
    secrets += [text for given in ARGUMENTS.values() for text in given.values() if text != PARAMETER]
    written = "\n".join(lines)
    assert [secret for secret in secrets if secret in written] == []
    assert {path for path, _ in vendor.asked} >= {"/", "/user_management/users"}
    records = [json.loads(line) for line in lines]
    # The runtime's own filter, or ours, may drop what is less than a warning, but never a record.
    assert [line["tool"] for line in records if line["message"] == "exchange" and "tool" in line] == [
        *("finds", "confirms", "echoes", "reads_parameter", "finds"),
    ]


@pytest.mark.parametrize("form", ["JSON", "Text"])
def test_nothing_that_a_caller_writes_is_a_line_of_its_own(
    form: str, artefact: Artefact, vendor: LoopbackIssuer, tmp_path: Path
) -> None:
    calls = [vendor.call("forges", text=text) for text in (FORGED, FORGED * 20_000)]

    lines = run(artefact, vendor, tmp_path / "log", calls, AWS_LAMBDA_LOG_FORMAT=form)

    records = [json.loads(line) for line in lines]
    assert max(len(line.encode()) for line in lines) <= 200_000
    assert [line.get("user_id") for line in records if line["message"] == "exchange"] == ["user_01ALICE"] * 2
    assert re.search("user_VICTIM", "\n".join(lines))
    # For each call its own lines, its failure and its record; and one fetch of the keys.
    assert len(records) == 1 + 2 * (len(SAID) + 1)
