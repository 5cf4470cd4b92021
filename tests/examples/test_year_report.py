"""The example that works in the background, from its beginning to its result."""

import pytest

from examples import resources as example_resources
from tests.background import PLAIN, BackgroundServer, text
from tests.examples.test_what_each_caller_is_told import CALLERS
from tests.protocol.asking import Conversation, accept
from tests.rig import EXAMPLES


@pytest.fixture(scope="module")
def server() -> BackgroundServer:
    return BackgroundServer(tools=EXAMPLES, resources=example_resources)


def test_the_report_comes_after_its_pause(server: BackgroundServer) -> None:
    token = server.issuer.token(**CALLERS["ada, admin of one"])
    result = server.rig.call("build_year_report", capabilities=PLAIN, token=token)
    assert 'It says: "Counting the words of 2 reports"' in text(result)
    handle = result["structuredContent"]["handle"]
    server.engine.advance(25)

    done = server.rig.call("get_result", {"handle": handle}, token=token)
    assert done["structuredContent"] == {"titles": ["First quarter", "Second quarter"], "words": 14}


@pytest.mark.parametrize(("answer", "said"), [(True, "First quarter"), (False, "because you said no")])
def test_the_user_is_asked_in_the_middle(server: BackgroundServer, *, answer: bool, said: str) -> None:
    who = CALLERS["ada, admin of one"]
    arguments = {"ask_first": True, "seconds": 0}
    result = server.rig.call("build_year_report", arguments, capabilities=PLAIN, token=server.issuer.token(**who))
    call = Conversation(server.rig, "get_result", {"handle": result["structuredContent"]["handle"]}, who)

    assert [each["message"] for each in call.asked()] == ["Write the report of 2 reports?"]
    assert said in call.says(accept(go_on=answer))


def test_a_client_that_cannot_ask_hears_what_to_do(server: BackgroundServer) -> None:
    token = server.issuer.token(**CALLERS["ada, admin of one"])
    result = server.rig.call("build_year_report", {"ask_first": True, "seconds": 0}, capabilities={}, token=token)

    assert result["isError"]
    assert "With ask_first=false it is written without a question." in text(result)


def test_whoever_is_in_no_organisation_sees_none_of_the_three_tools(server: BackgroundServer) -> None:
    token = server.issuer.token(**CALLERS["alan, of none"])
    tools = server.rig.exchange("tools/list", token=token).json["result"]["tools"]

    assert {"build_year_report", "get_result", "cancel_work"}.isdisjoint(each["name"] for each in tools)
