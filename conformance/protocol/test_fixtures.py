"""The catalogue that the suite calls, and what is said of the scenarios that it fails."""

import re
from typing import Any

import pytest
import yaml

from conformance.protocol import prompts, resources, tools
from conformance.protocol.subscriptions import add_subscriptions
from conformance.protocol.suite import EXPECTED_FAILURES, expected_failures
from tests.rig import MODERN, Rig

BEFORE = "2025-11-25"
ASKING = {
    "tools-call-sampling": ("test_sampling", {"prompt": "Test"}),
    "tools-call-elicitation": ("test_elicitation", {"message": "Test"}),
    "elicitation-sep1034-defaults": ("test_elicitation_sep1034_defaults", {}),
    "elicitation-sep1330-enums": ("test_elicitation_sep1330_enums", {}),
}
"""By scenario, the tool that it calls and how."""


@pytest.fixture(scope="module")
def server() -> Rig:
    return Rig(tools=tools, prompts=prompts, resources=resources, extend=add_subscriptions)


def listed(server: Rig, method: str, key: str, name: str = "name") -> set[str]:
    return {each[name] for each in server.exchange(method).json["result"][key]}


def test_everything_that_the_suite_calls_is_there(server: Rig) -> None:
    asked = {
        f"test_input_required_result_{name}"
        for name in (
            "capabilities",
            "elicitation",
            "list_roots",
            "multi_round",
            "multiple_inputs",
            "request_state",
            "sampling",
            "tampered_state",
        )
    }

    assert listed(server, "tools/list", "tools") == asked | {
        *("cancel_work", "confirm_delete", "failing_job", "get_result", "greet", "multi_input"),
        *("protocol_error_job", "slow_compute"),
        "json_schema_2020_12_tool",
        "test_audio_content",
        "test_elicitation",
        "test_elicitation_sep1034_defaults",
        "test_elicitation_sep1330_enums",
        "test_embedded_resource",
        "test_error_handling",
        "test_image_content",
        "test_logging_tool",
        "test_missing_capability",
        "test_multiple_content_types",
        "test_reconnection",
        "test_sampling",
        "test_simple_text",
        "test_streaming_elicitation",
        "test_tool_with_logging",
        "test_tool_with_progress",
        "test_tool_with_task",
        "test_x_mcp_header",
    }
    assert listed(server, "prompts/list", "prompts") == {
        "test_input_required_result_prompt",
        "test_prompt_with_arguments",
        "test_prompt_with_embedded_resource",
        "test_prompt_with_image",
        "test_simple_prompt",
    }
    assert listed(server, "resources/list", "resources", "uri") == {
        "test://static-binary",
        "test://static-text",
        "test://watched-resource",
    }
    assert listed(server, "resources/templates/list", "resourceTemplates", "uriTemplate") == {
        "test://template/{id}/data"
    }


def test_every_expected_failure_has_its_reason_beside_or_above_it() -> None:
    lines = EXPECTED_FAILURES.read_text().splitlines()
    (entries,) = yaml.safe_load(EXPECTED_FAILURES.read_text()).values()

    for entry in entries:
        (at,) = [number for number, line in enumerate(lines) if re.match(rf" +- {re.escape(entry)}(\s|$)", line)]
        assert "# " in lines[at] or lines[at - 1].strip().startswith("# "), entry


def test_no_scenario_may_fail_but_those_that_ask_by_a_request_of_the_servers_own() -> None:
    assert [entry for entry in expected_failures() if ":" not in entry] == list(ASKING)


@pytest.mark.parametrize("scenario", ASKING)
def test_what_is_expected_to_fail_does_and_tells_the_client_why(server: Rig, scenario: str) -> None:
    tool, arguments = ASKING[scenario]

    result = server.call(tool, arguments, version=BEFORE)

    assert result["isError"] is True
    assert "2026-07-28" in result["content"][0]["text"]


@pytest.mark.parametrize("method", ["resources/subscribe", "resources/unsubscribe"])
def test_the_fixture_alone_has_subscriptions_and_for_what_never_changes(server: Rig, method: str) -> None:
    def answer(to: Rig, uri: str, version: str = BEFORE) -> dict[str, Any]:
        body: dict[str, Any] = to.exchange(method, {"uri": uri}, version=version).json
        return body

    assert answer(server, "test://watched-resource")["result"] == {}
    assert answer(server, "test://static-text")["error"]["code"] == -32602
    assert answer(server, "test://watched-resource", MODERN)["error"]["code"] == -32601
    assert answer(Rig(), "test://watched-resource")["error"]["code"] == -32601
