"""What is written and counted of callers with API keys, and what is bound to one key."""

import json

import pytest

from app.access.quota_rules import QuotaRules
from app.authoring import Session
from tests.api_keys import KeyWorld
from tests.log import Log
from tests.packages import Write
from tests.quota import MemoryTable
from tests.rig import ERAS, MODERN

GRACE = "user_01LOCALGRACEHOPPER0000000"


def test_the_record_names_the_key_by_its_id(log: Log) -> None:
    world = KeyWorld.start()
    world.call("Grace's notebook", "whoami")
    world.call("CI", "whoami")

    of_user, of_organization = log("exchange")
    assert (of_user["kind"], of_user["user_id"], of_user["client_id"]) == (
        "api_key",
        GRACE,
        "api_key_01LOCALGRACE0000000000000",
    )
    assert (of_organization["kind"], of_organization["is_machine"]) == ("api_key", False)
    assert of_organization["user_id"] == of_organization["token_id"] == "api_key_01LOCALCI0000000000000000"


def test_no_value_of_a_key_is_in_a_log_line_or_an_answer(log: Log) -> None:
    world = KeyWorld.start()
    names = [key.name for key in world.seed.api_keys]
    answers = [world.send(name) for name in names] + [world.call(name, "whoami") for name in names]
    answers += [world.rig.exchange("tools/list", token=world.value("CI") + "-x" * 200)]
    world.rig.issuer.clock.now += 3600
    for status, body in ((401, {"message": f"no {world.value('CI')}"}), (422, {"message": world.value("CI")})):
        world.answer_instead(status, body)
        answers += [world.send(name) for name in names]
        world.rig.issuer.clock.now += 3600

    lines = json.dumps(log())
    written = lines + "".join(answer.text + json.dumps(dict(answer.headers)) for answer in answers)
    assert "an API key could not be checked" in lines
    assert [key.name for key in world.seed.api_keys if key.value in written] == []
    assert "sk_" not in written


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.matrix
def test_the_quota_counts_a_users_key_for_the_user_and_another_for_itself(version: str) -> None:
    table = MemoryTable()
    world = KeyWorld.start(table=table, quota=QuotaRules(table="calls", per_user=1, per_organization=9))
    called = {"params": {"name": "whoami", "arguments": {}}, "version": version}
    for name in ("Grace's notebook", "CI"):
        world.send(name, "tools/call", **called)

    counted = {key.rpartition("#")[0].rpartition("#")[0]: count for key, count in table.calls.items()}
    assert counted.get(f"user#{GRACE}") == 1


def test_an_organisations_key_is_counted_for_itself() -> None:
    rules = QuotaRules(table="calls", per_user=5)
    window = rules.window(0)
    key = Session(user_id="api_key_1", client_id="api_key_1", api_key_owner="organization")
    of_user = Session(user_id="user_1", client_id="api_key_2", api_key_owner="user")

    assert [subject.kind for each in (key, of_user) for subject in rules.subjects(each, window)] == [
        "api_key",
        "user",
    ]


def test_what_is_asked_of_one_key_cannot_be_answered_by_another(write: Write) -> None:
    tools = write(
        confirm='''from app.authoring import CurrentAsk, any_of, anyone, api_key, tool
from pydantic import BaseModel

class Sure(BaseModel):
    sure: bool

@tool(requires=any_of(anyone(), api_key()))
async def confirm(ask: CurrentAsk) -> str:
    """Ask."""
    return str((await ask("Sure?", Sure)).sure)
'''
    )
    world = KeyWorld.start(tools)
    call = {"name": "confirm", "arguments": {}}
    asked = world.send("CI", "tools/call", params=call, version=MODERN).json["result"]
    replies = {name: {"action": "accept", "content": {"sure": True}} for name in asked["inputRequests"]}
    again = {**call, "requestState": asked["requestState"], "inputResponses": replies}

    answered = world.send("CI", "tools/call", params=again)
    assert answered.json["result"]["content"][0]["text"] == "True"
    stolen = world.send("Status page", "tools/call", params=again)
    assert stolen.json["error"]["data"] == {"reason": "invalid_request_state"}
