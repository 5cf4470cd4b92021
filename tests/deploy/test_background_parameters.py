"""make deploy makes a worker if a tool needs one, with limits that fit what the tools declare."""

from app.authoring import Background
from infra.deploy.background import describe_background, find_background, read_background_work
from tests.catalogues.background import tools as background_tools
from tests.catalogues.usual import tools as usual_tools


def test_the_longest_work_and_the_longest_retention_decide() -> None:
    declared = [Background(minutes=90, keep_hours=1), Background(minutes=1, keep_hours=49)]

    assert describe_background(declared) == {
        "BackgroundWork": "true",
        "WorkTimeoutSeconds": str(90 * 60 + 60),
        "WorkRetentionDays": "3",
    }


def test_without_a_background_tool_there_is_no_worker() -> None:
    assert describe_background(find_background([usual_tools])) == {"BackgroundWork": "false"}


def test_a_background_tool_is_found_in_the_catalogue() -> None:
    assert describe_background(find_background([usual_tools, background_tools]))["BackgroundWork"] == "true"


def test_what_the_operator_gives_stays() -> None:
    given = {"BackgroundWork": "true", "WorkTimeoutSeconds": "120", "Stage": "dev"}

    assert read_background_work(given) == given
