"""The client of docs/testing.md runs background tools through the real worker handler, without waiting."""

from app.authoring.testing import CallAs, as_user

EXAMPLES = {"SERVE_EXAMPLES": "true"}


def test_a_test_comes_back_for_the_result(call_as: CallAs) -> None:
    caller = call_as(as_user("Ada Lovelace"), settings=EXAMPLES)
    began = caller.call("build_year_report")
    waiting = caller.call("get_result", handle=began["handle"])
    report = caller.call("get_result", handle=began["handle"])

    assert (began["status"], waiting["status"]) == ("working", "working")
    assert report == {"titles": ["First quarter", "Second quarter"], "words": 14}


def test_a_test_has_the_answers_to_the_questions(call_as: CallAs) -> None:
    caller = call_as(as_user("Ada Lovelace"), settings=EXAMPLES, answers=[{"go_on": True}])
    began = caller.call("build_year_report", ask_first=True, seconds=0)
    report = caller.call("get_result", handle=began["handle"])

    assert caller.questions == ["Write the report of 2 reports?"]
    assert report["words"] == 14
