"""Clients without the extension, in both eras: they wait a while, then come back with get_result."""

from typing import Any

import pytest

from tests.background import PLAIN, BackgroundServer, text
from tests.catalogues.background.tools import reports
from tests.protocol.asking import Conversation, accept
from tests.rig import ERAS, MODERN


@pytest.mark.parametrize("version", ERAS)
def test_work_that_is_soon_done_gives_the_plain_result(server: BackgroundServer, version: str) -> None:
    result = server.rig.call("add_up", {"numbers": [1, 2]}, version=version, capabilities=PLAIN)

    assert result["structuredContent"] == {"result": 3}
    assert ("resultType" in result) == (version == MODERN)


@pytest.mark.parametrize("version", ERAS)
def test_longer_work_gives_a_handle(server: BackgroundServer, version: str) -> None:
    began = server.issuer.clock.now
    result = server.rig.call("build_report", {"title": "2026"}, version=version, capabilities=PLAIN)

    data = result["structuredContent"]
    assert server.issuer.clock.now - began == pytest.approx(20)
    assert (data["status"], data["status_message"], data["retry_after_seconds"]) == (
        "working",
        "Zähle Bestellungen",
        2,
    )
    assert not result["isError"]
    assert data["handle"] in text(result)
    assert data["next_step"] == "Call get_result with this handle in 2 s, or cancel_work to end the work."
    assert f'It says: "Zähle Bestellungen". {data["next_step"][:-1]}: {data["handle"]}' in text(result)
    waiting = server.rig.call("get_result", {"handle": data["handle"], "wait_seconds": 0}, version=version)
    assert waiting["structuredContent"] == data
    server.engine.advance(1800)
    done = server.make_environment().call("get_result", {"handle": data["handle"]}, version=version)
    assert done["structuredContent"] == {"title": "2026", "orders": 1}


def test_a_call_never_waits_past_its_deadline(server: BackgroundServer) -> None:
    rig = server.make_environment(tool_seconds=3.0)
    began = server.issuer.clock.now

    assert rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)["structuredContent"]["handle"]
    assert server.issuer.clock.now == began


def begin(server: BackgroundServer, tool: str, **options: Any) -> str:
    handle: str = server.rig.call(tool, capabilities=PLAIN, **options)["structuredContent"]["handle"]
    return handle


def test_a_question_is_asked_through_get_result(server: BackgroundServer) -> None:
    result = server.rig.call("ask_twice", capabilities=PLAIN)
    data = result["structuredContent"]
    assert data["status"] == "input_required"
    assert data["next_step"].endswith('"Title?" Call get_result with this handle now, and it asks the user.')
    call = Conversation(server.rig, "get_result", {"handle": data["handle"]})

    assert [each["message"] for each in call.asked()] == ["Sure?", "Title?"]
    assert call.says(accept(sure=True), accept(title="Orders")) == "True Orders"


@pytest.mark.parametrize(("version", "capabilities"), [(MODERN, {}), ("2025-11-25", PLAIN)])
def test_a_question_is_told_to_clients_that_cannot_ask(
    server: BackgroundServer, version: str, capabilities: Any
) -> None:
    handle = begin(server, "ask_twice", version=version)
    result = server.rig.call("get_result", {"handle": handle}, version=version, capabilities=capabilities)

    assert result["structuredContent"]["status"] == "input_required"
    assert 'It waits for an answer of the user: "Sure?" "Title?" This client cannot ask' in text(result)
    assert result["structuredContent"]["next_step"].endswith(
        "To answer, the user begins it again in a client of protocol version 2026-07-28 with the capability "
        "elicitation. Call cancel_work with this handle to end it here."
    )


def test_a_page_is_told_with_its_address(server: BackgroundServer) -> None:
    handle = begin(server, "ask_otherwise", version="2025-11-25")
    result = server.rig.call("get_result", {"handle": handle}, capabilities={})

    assert '"Go there https://example.com/"' in text(result)


def test_work_is_cancelled(server: BackgroundServer) -> None:
    handle = server.rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)["structuredContent"]["handle"]

    ends = server.rig.call("cancel_work", {"handle": handle})
    over = server.rig.call("cancel_work", {"handle": handle})
    result = server.rig.call("get_result", {"handle": handle})
    assert "is cancelled. What it does now ends within about a minute." in text(ends)
    assert "is over already" in text(over)
    assert (result["isError"], text(result)) == (
        True,
        "The work of build_report was cancelled. It may have done part of what it was asked for.",
    )


def test_work_that_failed_is_a_tool_error(server: BackgroundServer) -> None:
    reports.kills.append(server.kill)
    result = server.rig.call("die_once", capabilities=PLAIN)

    assert result["isError"]
    assert "interrupted in the middle of a step" in text(result)


def test_the_arguments_of_get_result_are_checked(server: BackgroundServer) -> None:
    result = server.rig.call("get_result", {"handle": "x", "wait_seconds": 21})

    assert "wait_seconds: should be less than or equal to 20" in text(result)
