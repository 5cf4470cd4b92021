"""How much JSON one body may hold: what is more is refused before it is parsed, all else is read as always."""

import json
from typing import Any

import pytest

from app.protocol.wire.message import (
    MAX_CONTAINERS,
    MAX_DEPTH,
    MAX_ENVELOPE_VALUES,
    MAX_VALUES,
    BoundExceeded,
    JsonAllowance,
    NestedTooDeep,
    require_small_envelope,
)
from tests.catalogues import heavy
from tests.catalogues.hostile import prompts, resources
from tests.rig import ERAS, MODERN, Answer, Rig

pytestmark = pytest.mark.matrix("version")

RIG = Rig(tools=heavy, prompts=prompts, resources=resources)


def count(text: str) -> tuple[int, int]:
    """Values and containers that were counted."""
    allowance = JsonAllowance()
    allowance.take(text.encode())
    return MAX_VALUES - allowance.values, MAX_CONTAINERS - allowance.containers


def anything(value: Any, version: str = MODERN) -> Answer:
    return RIG.exchange("tools/call", {"name": "tables", "arguments": {"anything": value}}, version=version)


def error(answer: Answer) -> tuple[int, int, str]:
    problem = answer.json["error"]
    return answer.status, problem["code"], problem["message"]


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "values"),
    [
        (1, 1),
        ("a", 1),
        ([1], 2),
        ({"a": 1}, 2),
        ([1, 2, 3], 4),
        ({"a": [1, 2], "b": {"c": None}}, 6),
        ([{"a": 1, "b": 2}] * 100, 301),
    ],
)
def test_values_are_counted(value: Any, values: int) -> None:
    assert count(json.dumps(value))[0] == values


@pytest.mark.parametrize(
    "text",
    [
        "[1,2],{3:4}" * 50_000,
        "\\" * 100_001 + "[,{" * 50_000,
        '"' * 100_001 + "[,{" * 50_000,
        '\\"[' * 100_000,
        "é[,\n" * 80_000,
        "\u2028[\U0001f600," * 60_000,
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_what_is_inside_a_text_does_not_count(text: str, *, ascii_only: bool) -> None:
    body = json.dumps({"a": text, text[:9]: [1, text[:9]]}, ensure_ascii=ascii_only)

    assert count(body) == (5, 2)


def test_what_is_around_a_text_does_count() -> None:
    texts = json.dumps(["[" * 300, '"', "\\", '\\"'] * 1000)

    assert count(texts) == (4001, 1)


def test_texts_of_one_request_share_what_is_allowed() -> None:
    allowance, text = JsonAllowance(), json.dumps([1] * (MAX_VALUES // 2)).encode()
    allowance.take(text)

    with pytest.raises(BoundExceeded, match="150,000 values"):
        allowance.take(text)


@pytest.mark.parametrize(
    "text", ["[" * 300, '{"a":' * 300 + "1", "[" * 300 + "]" * 300, "[[" * 150 + '"' + "[" * 9]
)
def test_depth_is_bounded_whether_or_not_it_is_json(text: str) -> None:
    with pytest.raises(NestedTooDeep):
        JsonAllowance().take(text.encode())


@pytest.mark.parametrize("text", ["]" * 300 + "[" * 201, "[]" * 5000, '"[' + "[" * 300, "", '"\\'])
def test_anything_can_be_counted(text: str) -> None:
    JsonAllowance().take(text.encode())


@pytest.mark.parametrize("version", ERAS)
def test_a_large_argument_is_served(version: str) -> None:
    for value in (
        "QUJD" * 1_000_000,
        list(range(140_000)),
        [[1.5, 2.5]] * 19_000,
        [{"a": 1, "b": "", "c": None, "d": True}] * 19_000,
        nested(MAX_DEPTH - 3),
    ):
        answer = anything(value, version)
        assert answer.json["result"]["structuredContent"] == {"result": "user_01ALICE"}


def test_a_text_may_hold_any_json() -> None:
    text = json.dumps([{"a": [1, 2]}] * 100_000)

    assert RIG.call("scalars", {"text": text})["isError"] is False


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([1] * (MAX_VALUES + 1), "more than 150,000 values"),
        ([""] * (MAX_VALUES + 1), "more than 150,000 values"),
        ([""] * (4 * MAX_VALUES), "more than 150,000 values"),
        ([[]] * (MAX_CONTAINERS + 1), "more than 20,000 lists and objects"),
        ([{}] * (MAX_CONTAINERS + 1), "more than 20,000 lists and objects"),
    ],
)
def test_too_much_is_refused_before_it_is_parsed(value: Any, said: str, version: str) -> None:
    status, code, message = error(anything(value, version))

    assert (status, code) == (413, -32600)
    assert said in message


@pytest.mark.parametrize("version", ERAS)
def test_what_is_nested_too_deeply_is_not_json_that_is_read(version: str) -> None:
    status, code, message = error(anything(nested(MAX_DEPTH), version))

    assert (status, code) == (400, -32700)
    assert "deeper than 200 levels" in message


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (
            "tools/call",
            {"name": "lists", "inputResponses": {"a": {"role": "user", "model": "m", "content": [{}] * 999}}},
        ),
        ("tools/call", {"name": "nothing", "arguments": {}, "inputResponses": {str(n): {} for n in range(1001)}}),
        ("tools/call", {"name": "hidden", "arguments": {}, "inputResponses": [1] * 1001}),
        ("prompts/get", {"name": "introduces", "arguments": {str(n): "" for n in range(1001)}}),
        ("resources/read", {"uri": "file://a", "inputResponses": {"a": {"roots": [{}] * 1001}}}),
        ("completion/complete", {"context": {"arguments": {str(n): "" for n in range(1001)}}}),
        ("tools/list", {"_meta": {"x": [1] * 1001}}),
        ("server/discover", {"_meta": {"io.modelcontextprotocol/x": {"icons": [{}] * 1001}}}),
        ("nothing", {"x": [[1] * 10] * 100}),
    ],
)
def test_only_a_tools_arguments_may_hold_many_values(method: str, params: dict[str, Any]) -> None:
    answer = RIG.exchange(method, params)

    assert error(answer)[:2] == (413, -32600)
    assert "more than 1,000 values" in error(answer)[2]
    assert answer.json["id"] == 1


def test_initialize_may_hold_no_more() -> None:
    client = {"name": "c", "version": "1", "icons": [{"src": "https://a"}] * 600}
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}

    assert error(RIG.exchange("initialize", params, version="2025-11-25"))[:2] == (413, -32600)
    client["icons"] = client["icons"][:400]
    assert RIG.exchange("initialize", params, version="2025-11-25").status == 200


def test_the_envelope_is_counted_in_no_more_time_than_its_bound_takes() -> None:
    part: Any = [1] * 900
    for _ in range(60):
        part = [part, part]  # 2 ** 60 values, of which a thousand are looked at

    with pytest.raises(BoundExceeded):
        require_small_envelope("tools/list", {"x": part})
    require_small_envelope("tools/call", {"arguments": part})
    require_small_envelope("tools/call", None)
    require_small_envelope("tools/list", {"x": [1] * (MAX_ENVELOPE_VALUES - 2)})
