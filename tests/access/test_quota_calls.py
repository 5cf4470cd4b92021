"""The quota as a client meets it: served up to the limit, then a result that says when to come again."""

from dataclasses import replace
from typing import Any

import pytest

from app.access.quota_rules import QuotaRules
from app.application import create_app
from examples import prompts
from tests.catalogues import guarded
from tests.log import Log
from tests.quota import MemoryTable
from tests.rig import ERAS, SETTINGS, Answer, Rig

RULES = QuotaRules(table="calls", per_user=2, per_organization=3)


def rig_with(table: MemoryTable, **changes: Any) -> Rig:
    return Rig(replace(SETTINGS, quota=replace(RULES, **changes)), table=lambda name: table)


def call(rig: Rig, user: str = "user_01ALICE", tool: str = "whoami", **options: Any) -> Answer:
    token = rig.issuer.token(sub=user, **options.pop("claims", {}))
    return rig.exchange("tools/call", {"name": tool}, token=token, **options)


@pytest.mark.parametrize("version", ERAS)
def test_over_the_limit_is_a_result_with_the_wait_and_the_right_fields(version: str, log: Log) -> None:
    rig = rig_with(MemoryTable())
    served = [call(rig, version=version) for _ in range(2)]
    over = call(rig, version=version)

    assert [answer.json["result"]["isError"] for answer in served] == [False, False]
    assert "ratelimit" not in served[0].headers
    assert (over.status, over.json["result"]["isError"]) == (200, True)
    assert over.json["result"]["content"][0]["text"] == (
        "You have used the 2 calls that one user has per hour. Try again in 2800 seconds."
    )
    assert over.headers["retry-after"] == "2800"
    assert over.headers["ratelimit"] == '"user";r=0;t=2800'
    assert over.headers["ratelimit-policy"] == '"user";q=2;w=3600, "organization";q=3;w=3600'
    assert [(line["outcome"], line.get("reason")) for line in log("exchange")][-1] == ("denied", "quota")


def test_two_environments_count_together() -> None:
    table = MemoryTable()
    one, other = rig_with(table), rig_with(table)

    answers = [call(one), call(other), call(one), call(other)]

    assert [answer.json["result"]["isError"] for answer in answers] == [False, False, True, True]


def test_an_organisation_has_a_limit_of_its_own_and_a_new_window_begins_anew() -> None:
    rig = rig_with(MemoryTable())
    answers = [call(rig, f"user_{number}") for number in range(4)]
    rig.issuer.clock.now += 2800
    again = call(rig, "user_3")

    assert "Your organisation has used the 3 calls" in answers[3].text
    assert again.json["result"]["isError"] is False


def test_lists_and_calls_of_what_the_caller_may_not_use_count_for_nothing() -> None:
    table = MemoryTable()
    rig = Rig(replace(SETTINGS, quota=RULES), tools=guarded, prompts=prompts, table=lambda name: table)
    rig.exchange("tools/list", token=rig.issuer.token(roles=[], permissions=[], feature_flags=[]))
    call(rig, tool="nothing")
    call(rig, tool="by_role", claims={"roles": []})
    call(rig, tool="by_permission_openly", claims={"permissions": []})
    call(rig, tool="by_scope")
    assert rig.exchange("prompts/list").status == 200

    assert table.asked == []
    call(rig, tool="by_argument")
    assert table.asked != []


def test_one_item_that_is_throttled_says_nothing_of_the_others() -> None:
    table = MemoryTable(trouble="throttled")
    rig = rig_with(table)
    call(rig)
    table.trouble = None
    call(rig, "user_2")

    assert table.calls


@pytest.mark.parametrize(("policy", "is_error"), [("allow", False), ("deny", True)])
def test_a_table_that_is_down_lets_through_or_not_as_the_setting_says(
    policy: str, is_error: bool, log: Log
) -> None:
    rig = rig_with(MemoryTable(trouble="throttled"), when_unavailable=policy)

    answer = call(rig)

    assert answer.json["result"]["isError"] is is_error
    assert ("retry-after" in answer.headers) is is_error
    (line,) = log("quota unavailable")
    assert (line["reason"], line["policy"]) == ("throttled", policy)


def test_a_server_with_a_quota_starts_without_asking_its_table() -> None:
    assert create_app(replace(SETTINGS, quota=RULES)).routes
