"""What is written and counted of callers with API keys, and what is bound to one key."""

import json

from fastapi import Request

from app.access.quota_rules import QuotaRules
from app.audit.event import AuditEvent
from tests.api_keys import KeyWorld
from tests.log import Log
from tests.packages import Write
from tests.quota import MemoryTable
from tests.rig import MODERN

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


def test_whoami_is_for_every_key_and_says_what_the_key_may_do() -> None:
    world = KeyWorld.start()
    names = ("Grace's notebook", "CI")

    assert [world.list_tools(name) for name in names] == [["whoami"]] * 2
    of_user, of_organization = (world.call(name, "whoami").json["result"]["structuredContent"] for name in names)
    assert (of_user["user_id"], of_user["client_id"]) == (GRACE, "api_key_01LOCALGRACE0000000000000")
    assert of_organization["user_id"] == of_organization["client_id"] == "api_key_01LOCALCI0000000000000000"
    assert of_organization["permissions"] == ["reports:read", "reports:write"]
    assert (of_organization["organization_id"], of_organization["role"], of_organization["is_machine"]) == (
        "org_01LOCALANALYTICALENGINES00",
        None,
        False,
    )


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


def test_the_quota_counts_a_users_key_for_the_user_and_another_for_itself(write: Write) -> None:
    tools = write(
        work="""from app.authoring import any_of, anyone, api_key, tool

@tool(requires=any_of(anyone(), api_key()))
async def work() -> str:
    \"\"\"Work.\"\"\"
    return "done"
"""
    )
    table, quota = MemoryTable(), QuotaRules(table="calls", per_user=1, per_organization=9)
    world = KeyWorld.start(tools, table=table, quota=quota)
    answers = [world.call(name, "work").json["result"] for name in ("Grace's notebook", "CI", "CI")]

    assert [answer["content"][0]["text"][:58] for answer in answers] == [
        "done",
        "done",
        "This API key has used the 1 call that one API key has per ",
    ]
    assert {key.rpartition("#3600#")[0] for key in table.calls} == {
        f"user#{GRACE}",
        "organization#org_01LOCALCOMPILERWORKS000000",
        "api_key#api_key_01LOCALCI0000000000000000",
        "organization#org_01LOCALANALYTICALENGINES00",
    }


def test_an_audit_event_has_the_key_or_its_user_as_actor(log: Log) -> None:
    world = KeyWorld.start()
    for name in ("Grace's notebook", "CI"):
        world.call(name, "whoami")
    request = Request({"type": "http", "headers": [], "client": None})
    events = [AuditEvent.from_line(line | {"tool": "whoami"}, request, 0.0) for line in log("exchange")]

    assert [(event.actor_type, event.actor_id) for event in events if event] == [
        ("user", GRACE),
        ("api_key", "api_key_01LOCALCI0000000000000000"),
    ]
    assert [event.metadata["client_id"] for event in events if event] == [
        "api_key_01LOCALGRACE0000000000000",
        "api_key_01LOCALCI0000000000000000",
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
