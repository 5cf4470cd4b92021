"""What is larger than Lambda passes on: its caller reads how large, and what the limit is."""

import json
import re

import pytest

from app.protocol.wire.reply import MAX_REPLY_BYTES
from tests.catalogues import calling, failing
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, MODERN, Answer, Rig, message

LAMBDA_BYTES = 6_291_556
"""Lambda's own limit for a function's result, of which AWS says 6 MB."""


def sizes(text: str) -> tuple[int, int]:
    found = re.match(r"The result is ([\d,]+) bytes long and at most ([\d,]+) can be returned", text)
    assert found, text
    size, most = (int(number.replace(",", "")) for number in found.groups())
    return size, most


def counted(answer: Answer) -> int:
    """As a function's result, without its headers."""
    return len(json.dumps(answer.text))


@pytest.mark.parametrize("version", ERAS)
def test_a_tools_result_over_the_limit_is_a_result_that_says_so(version: str, log: Log) -> None:
    rig = Rig(tools=failing)
    fits = rig.call("many_numbers", {"numbers": [], "size": 400_000}, version=version)

    result = rig.call("many_numbers", {"numbers": [], "size": 2_000_000}, version=version)

    assert len(fits["structuredContent"]["result"]) == 400_000
    assert result["isError"] is True
    size, most = sizes(result["content"][0]["text"])
    assert most == MAX_REPLY_BYTES < LAMBDA_BYTES < size
    assert ("resultType" in result) == (version == MODERN)
    assert log("exchange")[-1]["outcome"] == "tool_error"


@pytest.mark.parametrize("version", ERAS)
def test_it_is_the_same_in_an_event_stream_with_what_was_said_before(version: str) -> None:
    arguments = {"times": 3, "result": 2_000_000}
    params = {"name": "floods", "arguments": arguments, "_meta": {"progressToken": "p"}}

    *said, reply = Rig(tools=calling).exchange("tools/call", params, version=version).messages

    assert [each["params"]["progress"] for each in said if "progress" in each["params"]] == [0, 1, 2]
    assert reply["result"]["isError"] is True
    assert sizes(reply["result"]["content"][0]["text"])[0] > LAMBDA_BYTES


@pytest.mark.parametrize("version", ERAS)
def test_quotes_count_as_lambda_counts_them(version: str) -> None:
    """The text stands in the result twice, and each quote in it is four bytes there."""
    rig = Rig(tools=calling)
    arguments = {"times": 0, "result": 784_000}
    params = {"name": "floods", "arguments": arguments}

    fits = rig.exchange("tools/call", params, version=version, headers={"accept": "application/json"})
    arguments["result"] = 786_000
    answer = rig.exchange("tools/call", params, version=version, headers={"accept": "application/json"})

    assert MAX_REPLY_BYTES - 16_000 < counted(fits) <= MAX_REPLY_BYTES
    assert fits.json["result"]["isError"] is False
    assert MAX_REPLY_BYTES < sizes(answer.json["result"]["content"][0]["text"])[0] < MAX_REPLY_BYTES + 16_000


@pytest.mark.parametrize("version", ERAS)
def test_what_is_no_tool_is_a_json_rpc_error(version: str, write: Write) -> None:
    body = "async def big() -> str:\n    'D.'\n    return 'x' * 7_000_000\n"
    rig = Rig(
        tools=calling,
        resources=write(big=f"from app.authoring import resource\n@resource('big://x')\n{body}"),
    )

    answer = rig.exchange("resources/read", {"uri": "big://x"}, version=version)

    assert (answer.status, answer.json["error"]["code"]) == (200, -32603)
    assert sizes(answer.json["error"]["message"])[0] > 7_000_000


@pytest.mark.parametrize("version", ERAS)
def test_an_id_that_makes_the_reply_too_large_is_not_repeated(version: str) -> None:
    rig = Rig(tools=calling)
    headers, body = message("tools/call", {"name": "asks_the_time", "arguments": {}}, version)

    answer = rig.request(token=rig.issuer.token(), headers=headers, body={**body, "id": '"' * 2_000_000})

    assert answer.status == 200
    assert answer.json["id"] is None
    assert sizes(answer.json["error"]["message"])[0] > LAMBDA_BYTES
