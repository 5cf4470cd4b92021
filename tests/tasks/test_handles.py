"""Handles are short, because models copy them, and good for one worker."""

import asyncio
from dataclasses import replace
from itertools import product

import pytest

from app.protocol.asking.request_state import RequestState
from app.protocol.tasks.packed_arn import PackedArn
from app.protocol.tasks.texts import UNKNOWN
from infra.local.testing.engine import FUNCTION
from tests.background import KEY, PLAIN, TASKS, BackgroundServer, text
from tests.blocks import ROOT
from tests.log import Log
from tests.rig import Rig

BASE = FUNCTION.removesuffix("live")
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NAME = "a" * 32


NAMES = [NAME, NAME.upper(), UUID, UUID.upper(), "x", "key-monday", "n" * 64]


@pytest.mark.parametrize("worker", [FUNCTION, "worker:live", FUNCTION.replace("worker", "other")])
def test_every_arn_comes_back(worker: str) -> None:
    functions = [f"{BASE}1", f"{BASE}42", f"{BASE}$LATEST"]
    arns = [f"{each}/durable-execution/{name}/{id_}" for each, name, id_ in product(functions, NAMES, NAMES)]

    assert [PackedArn(worker).unpack(PackedArn(worker).pack(each)) for each in arns] == arns


def test_what_the_setting_says_is_not_packed() -> None:
    packed = PackedArn(FUNCTION).pack(f"{BASE}7/durable-execution/{NAME}/{UUID}")

    assert len(packed) == len("7") + 16 + 16 + 3
    assert b"arn" not in packed


def test_a_handle_is_as_long_as_the_page_says(server: BackgroundServer) -> None:
    handles = {server.begin("add_up", {"numbers": []})["taskId"] for _ in range(3)}
    keyed = server.begin("add_up", {"numbers": []}, headers={"idempotency-key": "monday"})["taskId"]

    assert {len(each) for each in (*handles, keyed)} == {117}
    for page in ("docs/background.md", "docs/decisions/0050-background-work-in-durable-executions.md"):
        assert "117 characters" in (ROOT / page).read_text()


def test_a_handle_of_another_worker_is_unknown(server: BackgroundServer, log: Log) -> None:
    handle = server.rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)["structuredContent"]["handle"]
    moved = Rig(
        replace(server.settings, worker_function=FUNCTION.replace("worker", "other")),
        server.issuer,
        tools=server.tools,
        engine=(lambda: server.engine, server.engine.sleep),
    )

    assert text(moved.call("get_result", {"handle": handle})) == UNKNOWN
    assert log("exchange")[-1]["reason"] == "work_caller"


def test_a_handle_is_good_in_a_release_whose_work_begins_in_a_newer_version(server: BackgroundServer) -> None:
    handle = server.rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)["structuredContent"]["handle"]
    newer = Rig(
        replace(server.settings, worker_function=f"{BASE}2"),
        server.issuer,
        tools=server.tools,
        engine=(lambda: server.engine, server.engine.sleep),
    )

    assert (
        newer.call("get_result", {"handle": handle}, capabilities=PLAIN)["structuredContent"]["handle"] == handle
    )


@pytest.mark.parametrize(
    "content", [b"w", b"w" * 17 + b"\x05ab", b'{"state": "1234567890"}', b"x" * 17 + b"\1a\1b\1c"]
)
def test_what_another_release_has_sealed_is_unknown(server: BackgroundServer, log: Log, content: bytes) -> None:
    async def find_keys(*, newer: bool = False) -> tuple[bytes, ...]:
        return KEY

    state = RequestState(find_keys, server.settings.resource, server.issuer.clock)
    sealed = asyncio.run(state.seal_bytes(content))

    assert text(server.rig.call("get_result", {"handle": sealed})) == UNKNOWN
    assert log("exchange")[-1]["reason"] == "work_unreadable"


def test_a_handle_is_no_request_state(server: BackgroundServer) -> None:
    handle = server.begin("add_up", {"numbers": []})["taskId"]
    params = {"name": "ask_before", "arguments": {}, "requestState": handle, "inputResponses": {}}

    refused = server.rig.exchange("tools/call", params, capabilities=TASKS).json["error"]
    assert (refused["code"], refused["data"]) == (-32602, {"reason": "invalid_request_state"})
