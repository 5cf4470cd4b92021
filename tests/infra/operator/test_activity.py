"""`make activity`: who called what, from the log of a stage."""

import json
from itertools import pairwise
from typing import Any

import pytest

from infra.operator.activity import main
from infra.operator.call_log import Call, Question
from tests.infra.operator.scripted_aws import ENVIRONMENT, SAMCONFIG, ScriptedAws

NOW = 1_795_615_200.0  # 2026-11-25 14:00:00
GROUP = "/aws/lambda/workos-mcp-lambda-dev"
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def aws() -> ScriptedAws:
    return ScriptedAws()


def line(seconds_ago: float, **fields: Any) -> dict[str, Any]:
    known = {
        "message": "exchange",
        "method": "tools/call",
        "tool": "whoami",
        "user_id": "user_01ALICE",
        "organization_id": "org_01ACME",
        "client_id": "client_01CURSOR",
        "outcome": "ok",
        "ms": 1.52,
    }
    text = json.dumps({**known, **fields})
    return {"timestamp": int((NOW - seconds_ago) * 1000), "message": text}


def refusal(seconds_ago: float, reason: str, **fields: Any) -> dict[str, Any]:
    text = json.dumps({"message": "refused", "reason": reason, **fields})
    return {"timestamp": int((NOW - seconds_ago) * 1000), "message": text}


def hour(aws: ScriptedAws, *events: dict[str, Any]) -> None:
    """The three windows of the last hour: 10 minutes, 20 minutes, the rest. The events are in the first."""
    windows(aws, *events)
    no_worker(aws)


def windows(aws: ScriptedAws, *events: dict[str, Any]) -> None:
    aws.answer("logs", "filter_log_events", {"events": list(events)})
    for _ in range(2):
        aws.answer("logs", "filter_log_events", {"events": []})


def no_worker(aws: ScriptedAws) -> None:
    aws.refuse("logs", "filter_log_events", "ResourceNotFoundException")


def ask(aws: ScriptedAws, **variables: str) -> int:
    return main({**ENVIRONMENT, "HOURS": "1", **variables}, SAMCONFIG, make=aws.make, now=NOW)


def words(printed: Printed) -> str:
    return " ".join(printed.readouterr().out.split())


def test_calls_are_listed_newest_first_with_totals(aws: ScriptedAws, capsys: Printed) -> None:
    denial = {"tool": "read_report", "outcome": "denied", "reason": "missing_permission", "needs": "reports:read"}
    hour(aws, line(60), line(30, **denial), line(5), refusal(3, "no_token"))

    assert ask(aws) == 0

    printed = words(capsys)
    first = "2026-11-25 13:59:55 user_01ALICE org_01ACME client_01CURSOR whoami ok - 2"
    denied = "user_01ALICE org_01ACME client_01CURSOR read_report denied missing_permission (reports:read) 2"
    assert printed.index(first) < printed.index(denied) < printed.index("2026-11-25 13:59:00")
    assert "4 calls from 2026-11-25 13:00:00 to 2026-11-25 14:00:00 UTC" in printed
    assert "whoami ok 2 read_report denied 1" in printed
    assert "(docs/refusals.md says what to do): no_token 1" in printed
    assert f"{GROUP} in eu-central-1 (from AWS_REGION)" in printed


def test_each_filter_is_asked_of_aws() -> None:
    question = Question("user_01ALICE", "org_01ACME", "whoami", "denied")

    assert question.pattern == (
        '{ ($.message = "exchange") && ($.user_id = "user_01ALICE") && ($.organization_id = "org_01ACME") && '
        '(($.tool = "whoami") || ($.prompt = "whoami") || ($.resource = "whoami")) && ($.outcome = "denied") }'
    )
    assert Question().pattern == '{ (($.message = "exchange") || ($.message = "refused")) }'
    assert Question(outcome="refused").pattern == '{ ($.message = "refused") }'


def end(seconds_ago: float, **fields: Any) -> dict[str, Any]:
    known = {"message": "work", "tool": "build_report", "user_id": "user_01ALICE", "work": "0f0f", "outcome": "ok"}
    text = json.dumps({**known, "seconds": 1830.4, **fields})
    return {"timestamp": int((NOW - seconds_ago) * 1000), "message": text}


def test_the_beginning_and_the_end_of_background_work_are_beside_each_other(
    aws: ScriptedAws, capsys: Printed
) -> None:
    windows(aws, line(9, tool="build_report", work="0f0f"), line(8, tool="build_report", engine="throttled"))
    windows(aws, end(3), end(2, work="1e1e", outcome="interrupted", seconds=7))

    assert ask(aws) == 0

    aws.assert_all_asked()
    printed = words(capsys)
    ended = printed.index("build_report ok - 1830 s, ended 0f0f")
    assert ended < printed.index("client_01CURSOR build_report ok - 2 0f0f")
    assert "build_report ok engine: throttled 2" in printed
    assert "2 calls from" in printed
    assert "background work outcome ended seconds at most" in printed
    assert "build_report interrupted 1 7" in printed


def test_one_piece_of_work_is_found_in_both_logs(aws: ScriptedAws, capsys: Printed) -> None:
    for group, message, events in (
        (GROUP, "exchange", [line(9, work="0f0f"), line(8, work="1e1e")]),
        (f"{GROUP}_worker", "work", [end(3), end(2, work="1e1e")]),
    ):
        edges = [NOW, NOW - 600, NOW - 1800, NOW - 3600]
        for place, (until, since) in enumerate(pairwise(edges)):
            asked = {"startTime": int(since * 1000), "endTime": int(until * 1000) - 1, "logGroupName": group}
            pattern = f'{{ ($.message = "{message}") && ($.work = "0f0f") }}'
            found = {"events": events if place == 0 else []}
            aws.answer("logs", "filter_log_events", found, filterPattern=pattern, **asked)

    assert ask(aws, WORK="0f0f", JSON="1") == 0

    aws.assert_all_asked()
    document = json.loads(capsys.readouterr().out)
    assert [each["work"] for each in (*document["calls"], *document["ended"])] == ["0f0f", "0f0f"]
    assert document["ended"][0]["seconds"] == 1830.4


def test_where_one_log_is_too_long_both_begin_at_the_same_time(aws: ScriptedAws, capsys: Printed) -> None:
    windows(aws, line(2), line(900))
    aws.answer("logs", "filter_log_events", {"events": [end(1)]})
    for token in ("a", "b", "c"):
        aws.answer("logs", "filter_log_events", {"events": [end(700)], "nextToken": token})

    assert main({**ENVIRONMENT, "HOURS": "1"}, SAMCONFIG, make=aws.make, now=NOW, max_pages=4) == 0
    assert "1 calls from 2026-11-25 13:50:00" in words(capsys)


def test_a_worker_whose_log_cannot_be_read_is_said(aws: ScriptedAws, capsys: Printed) -> None:
    windows(aws, line(2))
    aws.refuse("logs", "filter_log_events", "AccessDeniedException")

    assert ask(aws) == 1
    assert "allow logs:FilterLogEvents" in capsys.readouterr().err


def test_refusals_alone_are_listed_with_their_reasons(aws: ScriptedAws, capsys: Printed) -> None:
    windows(aws, line(9), refusal(8, "expired"), refusal(7, "missing_claim", detail="jti"), refusal(6, "expired"))

    assert ask(aws, OUTCOME="refused") == 0

    printed = words(capsys)
    assert "whoami" not in printed
    assert "refused missing_claim (jti)" in printed
    assert "expired 2, missing_claim (jti) 1" in printed


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"USER_ID": "user_01BOB"}, ["add"]),
        ({"ORG": "org_01OTHER"}, ["plan"]),
        ({"TOOL": "plan"}, ["plan"]),
        ({"OUTCOME": "tool_error"}, ["add"]),
    ],
)
def test_a_filter_holds_even_if_the_log_answers_more(
    variables: dict[str, str], names: list[str], aws: ScriptedAws, capsys: Printed
) -> None:
    hour(
        aws,
        line(3),
        line(2, tool="add", user_id="user_01BOB", outcome="tool_error"),
        line(1, tool=None, prompt="plan", organization_id="org_01OTHER"),
    )

    assert ask(aws, JSON="1", **variables) == 0
    document = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in document["calls"]] == names
    assert document["is_complete"] is True


def test_other_lines_of_the_log_are_left_out(aws: ScriptedAws, capsys: Printed) -> None:
    hour(aws, {"timestamp": 1, "message": "START RequestId: 1"}, {"timestamp": 1, "message": '{"type": "x"}'})

    assert ask(aws) == 0
    assert "no calls from 2026-11-25 13:00:00" in capsys.readouterr().out


def test_what_a_client_named_itself_cannot_move_the_terminals_cursor(aws: ScriptedAws, capsys: Printed) -> None:
    hour(aws, line(1, client_id="\x1b[2Jclient"))

    assert ask(aws) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_more_calls_than_asked_for_are_counted_but_not_listed(aws: ScriptedAws, capsys: Printed) -> None:
    hour(aws, *(line(number) for number in range(5, 0, -1)))

    assert ask(aws, LAST="2") == 0
    printed = words(capsys)
    assert "and 3 older lines; LAST=5 lists them too" in printed
    assert "whoami ok 5" in printed


def test_windows_of_time_follow_one_another_without_a_gap(aws: ScriptedAws) -> None:
    edges = [NOW, NOW - 600, NOW - 1800, NOW - 3600]
    for end, start in pairwise(edges):
        aws.answer(
            "logs",
            "filter_log_events",
            {"events": []},
            logGroupName=GROUP,
            filterPattern=Question().pattern,
            startTime=int(start * 1000),
            endTime=int(end * 1000) - 1,
        )
    no_worker(aws)

    assert ask(aws) == 0
    aws.assert_all_asked()


def test_a_log_that_is_too_long_is_read_from_its_end_and_says_so(aws: ScriptedAws, capsys: Printed) -> None:
    aws.answer("logs", "filter_log_events", {"events": [line(2)], "nextToken": "a"})
    aws.answer("logs", "filter_log_events", {"events": [line(1)]})
    aws.answer("logs", "filter_log_events", {"events": [line(1000)], "nextToken": "b"})
    no_worker(aws)

    assert main({**ENVIRONMENT, "HOURS": "1"}, SAMCONFIG, make=aws.make, now=NOW, max_pages=3) == 0
    printed = words(capsys)
    assert "2 calls from 2026-11-25 13:50:00" in printed
    assert "what is older than that was not read" in printed


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ResourceNotFoundException", f"there is no log group {GROUP} in eu-central-1"),
        ("AccessDeniedException", "allow logs:FilterLogEvents"),
        ("ExpiredTokenException", "aws sso login"),
    ],
)
def test_what_aws_refuses_is_a_sentence_with_the_fix(
    code: str, said: str, aws: ScriptedAws, capsys: Printed
) -> None:
    aws.refuse("logs", "filter_log_events", code)

    assert ask(aws) == 1
    printed = capsys.readouterr()
    assert said in printed.err
    assert "arn:aws:iam" not in printed.err


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"USER_ID": 'x" || $.user_id = "y'}, "USER_ID is"),
        ({"TOOL": "read_*"}, "TOOL is"),
        ({"HOURS": "-1"}, "HOURS is '-1': give a number above 0"),
        ({"HOURS": "day"}, "HOURS is 'day'"),
        ({"LAST": "0"}, "LAST is '0'"),
        ({"STAGE": "staging"}, "[staging.deploy.parameters]"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_any_request(
    variables: dict[str, str], said: str, aws: ScriptedAws, capsys: Printed
) -> None:
    assert ask(aws, **variables) == 2
    assert said in capsys.readouterr().err


def test_a_line_without_fields_is_still_a_call() -> None:
    call = Call.read({"timestamp": 1000, "message": '{"message": "exchange"}'})

    assert call == Call(1.0, "", "", "", "", "", "", None)


def test_the_log_group_is_the_one_of_the_template() -> None:
    text = SAMCONFIG.parents[2].joinpath("template.yaml").read_text()

    assert "LogGroupName: !Sub /aws/lambda/${AppName}-${Stage}\n" in text
