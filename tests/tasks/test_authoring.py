"""How a background tool is written and tested: mistakes stop the start, and `Work()` needs no engine."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from app.application import create_app
from app.authoring import (
    CANNOT,
    Background,
    Cancelled,
    NoCall,
    NoWork,
    StepFailed,
    ToolError,
    Work,
    get_work,
    tool,
)
from app.authoring.work import MAX_MINUTES
from app.protocol.catalogue.definition import CatalogueError
from app.protocol.tasks import tools as work_tools
from app.runtime.durable import (
    DurableEngine,
    EngineUnavailable,
    OutdatedBoto3,
    check_boto3,
    create_lambda_client,
)
from app.settings import Settings, SettingsError
from app.worker import create_worker
from infra.local.testing.engine import FUNCTION
from tests.catalogues.background.tools.reports import Confirmation, Title, build_report
from tests.packages import Write
from tests.rig import SETTINGS

WITH_WORKER = replace(SETTINGS, worker_function=FUNCTION)


def compose(write: Write, code: str, settings: Settings = WITH_WORKER) -> None:
    head = "from app.authoring import Background, CurrentRequest, CurrentWork, tool\n"
    create_app(settings, tools=write(mine=head + code))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            '@tool()\nasync def mine(work: CurrentWork) -> None:\n    """Does."""\n',
            "tool mine takes a Work, which only background work has; write @tool(background=True)",
        ),
        (
            '@tool(background=True)\ndef mine(work: CurrentWork) -> None:\n    """Does."""\n',
            "tool mine takes a Work, whose methods have to be awaited; write async def",
        ),
        (
            '@tool(background=True)\ndef mine(request: CurrentRequest) -> None:\n    """Does."""\n',
            "tool mine works in the background, when the HTTP request is over; leave the CurrentRequest out",
        ),
        (
            (
                '@tool()\ndef get_result() -> None:\n    """Does."""\n'
                '@tool(background=True)\ndef mine() -> None:\n    """Does."""\n'
            ),
            "the server itself adds a tool get_result, because",
        ),
        (
            (
                "async def find(more: int) -> int:\n    return more\n"
                "@tool(background=Background(before=find))\ndef mine() -> None:\n    'Does.'\n"
            ),
            "before= of tool mine takes more, which nothing fills",
        ),
        (
            (
                "async def find(work: CurrentWork) -> int:\n    return 1\n"
                "@tool(background=Background(before=find))\ndef mine() -> None:\n    'Does.'\n"
            ),
            "before= of tool mine takes a Work, but runs before the work begins",
        ),
        ("@tool(background=60)\ndef mine() -> None:\n    'Does.'\n", "background must be True or Background("),
        (
            "@tool(background=Background)\ndef mine() -> None:\n    'Does.'\n",
            "background must be True or Background(",
        ),
        ('@tool(background=Background(minutes=0))\ndef mine() -> None:\n    """Does."""\n', "from 1 to 527040"),
    ],
)
def test_mistakes_stop_the_start(write: Write, code: str, said: str) -> None:
    with pytest.raises(Exception, match=r"mine\.py") as raised:
        compose(write, code)
    assert said in str(raised.value)


def test_a_background_tool_needs_a_worker(write: Write) -> None:
    without = replace(SETTINGS, worker_function=None)
    with pytest.raises(SettingsError, match=r"WORKER_FUNCTION is not set, but .*mine.py works in the background"):
        compose(write, '@tool(background=True)\ndef mine() -> None:\n    """Does."""\n', without)


def test_a_background_tool_needs_a_key_that_all_environments_share(write: Write) -> None:
    code = '@tool(background=True)\ndef mine() -> None:\n    """Does."""\n'
    without = replace(WITH_WORKER, request_state_keys=())
    with pytest.raises(SettingsError, match=r"REQUEST_STATE_KEY_PARAMETER is not set, .*make secrets makes a key"):
        compose(write, code, without)
    compose(write, code, replace(without, request_state_key_parameter="/acme/dev/request-state-key"))


def test_background_has_bounds() -> None:
    wrongs: list[dict[str, Any]] = [{"minutes": MAX_MINUTES + 1}, {"keep_hours": 0}, {"retries": 11}]
    wrongs += [{"minutes": "5"}, {"retries": 1.5}, {"retries": True}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"must be a (whole )?number from"):
            Background(**wrong)
    before: Any = 3
    with pytest.raises(TypeError, match="takes a function, without calling it"):
        Background(before=before)
    assert Background(retries=3).count_retries(idempotent=False) == 3
    assert Background().count_retries(idempotent=True) == 2


def test_a_tool_is_tested_as_a_function() -> None:
    work = Work()
    report = asyncio.run(build_report("2026", work, _session()))

    assert report.title == "2026"
    assert work.messages == ["Zähle Bestellungen", "Writing"]
    assert work.seconds_slept == 1800


def _session() -> Any:
    from app.authoring import make_session

    return make_session()


def test_questions_of_a_test_have_prepared_answers() -> None:
    async def ask(work: Work) -> str:
        await work.visit("https://example.com/", "Go")
        sure = await work.ask("Sure?", Confirmation)
        return f"{sure.sure} {(await work.ask('Title?', Title)).title}"

    assert asyncio.run(ask(Work(Confirmation(sure=True), Title(title="Orders")))) == "True Orders"
    with pytest.raises(Cancelled):
        asyncio.run(ask(Work(Cancelled("closed"))))
    with pytest.raises(ToolError, match="cannot ask"):
        asyncio.run(ask(Work(CANNOT)))


def test_a_step_of_a_test_takes_plain_functions_and_only_json() -> None:
    assert asyncio.run(Work().step("sum", sum, [1, 2])) == 3
    with pytest.raises(TypeError, match="sum cannot be kept"):
        asyncio.run(Work().step("sum", tuple, [1, 2]))


def test_a_step_of_a_test_raises_what_it_raises_in_the_worker() -> None:
    def fail(error: Exception) -> None:
        raise error

    with pytest.raises(ToolError, match=r"^closed$"):
        asyncio.run(Work().step("orders", fail, NotOpen("closed")))
    with pytest.raises(StepFailed, match=r"^step orders failed$") as raised:
        asyncio.run(Work().step("orders", fail, ValueError("secret")))
    assert isinstance(raised.value.__cause__, ValueError)


class NotOpen(ToolError):
    """Of an author. Its class is lost in later runs, so no run has it."""


async def find_orders() -> list[str]:
    return []


@pytest.mark.parametrize("given", [find_orders, str])
def test_a_step_takes_the_function_and_not_its_result(given: Callable[..., Any]) -> None:
    wrong: Any = given()
    with pytest.raises(TypeError, match=r"write work\.step\('orders', fetch, argument\), and not"):
        asyncio.run(Work().step("orders", wrong))


@pytest.mark.parametrize("value", [Title(title="a"), {1: 2}, {1}, float("nan")])
def test_what_json_cannot_keep_is_named_with_its_fix(value: Any) -> None:
    with pytest.raises(TypeError, match=r"the result of step orders cannot be kept: .* model\.model_dump"):
        asyncio.run(Work().step("orders", lambda: value))


@pytest.mark.parametrize("wrong", [{"days": 367}, {"seconds": -1}])
def test_nobody_sleeps_backwards_or_for_years(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="from 0 to 366 days"):
        asyncio.run(Work().sleep(**wrong))


def test_work_is_there_in_background_work_alone() -> None:
    with pytest.raises(NoWork, match="pass Work"):
        get_work()


def test_a_plain_work_would_come_from_the_client(write: Write) -> None:
    code = (
        "from app.authoring import Work\n@tool(background=True)\ndef mine(work: Work) -> None:\n    '''Does.'''\n"
    )

    with pytest.raises(Exception, match="take it as work: CurrentWork"):
        compose(write, code)


@pytest.mark.parametrize("function", [work_tools.get_result, work_tools.cancel_work])
def test_what_describes_the_two_tools_does_nothing(function: Callable[..., Any]) -> None:
    with pytest.raises(NoCall, match="WorkTools"):
        asyncio.run(function("handle"))


@pytest.mark.parametrize(
    ("value", "is_good"),
    [
        (FUNCTION, True),
        ("worker:live", True),
        ("worker:3", True),
        ("worker", False),
        ("arn:aws:lambda:worker:live", False),
    ],
)
def test_the_worker_has_a_version_or_an_alias(value: str, *, is_good: bool) -> None:
    environment = {
        "WORKOS_AUTHKIT_DOMAIN": "acme.authkit.app",
        "WORKOS_CLIENT_ID": "client_1",
        "BASE_URL": "https://mcp.example.com",
        "WORKER_FUNCTION": value,
    }
    if is_good:
        assert Settings.from_environment(environment).worker_function == value
    else:
        with pytest.raises(
            SettingsError, match="WORKER_FUNCTION must be a Lambda function with its version or alias"
        ):
            Settings.from_environment(environment)


def test_the_client_gives_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    config = create_lambda_client().meta.config

    assert config.read_timeout * config.retries["total_max_attempts"] <= 5


@pytest.mark.parametrize(("version", "is_good"), [("1.42.1", True), ("1.100.0", True), ("1.41.9", False)])
def test_durable_executions_need_a_boto3_that_has_them(version: str, *, is_good: bool) -> None:
    if is_good:
        check_boto3(version)
    else:
        with pytest.raises(
            OutdatedBoto3, match=r"boto3 1\.41\.9 has no durable executions.*docs/background-operate\.md"
        ):
            check_boto3(version)


def test_work_begins_nowhere_with_an_outdated_boto3(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(boto3, "__version__", "1.40.4")
    engine = DurableEngine(FUNCTION, create_lambda_client.__wrapped__)

    with pytest.raises(EngineUnavailable) as failure:
        asyncio.run(engine.begin("name", {}))

    assert failure.value.cause == "outdated"
    (line,) = [each for each in caplog.records if each.message == "boto3 is too old for background work"]
    assert vars(line)["detail"].startswith("boto3 1.40.4 has no durable executions")
    with pytest.raises(OutdatedBoto3):
        create_worker(WITH_WORKER)


def test_a_resource_is_told_that_only_tools_work_in_the_background(write: Write) -> None:
    code = (
        "from app.authoring import CurrentWork, resource\n"
        "@resource('a://b')\nasync def mine(work: CurrentWork) -> str:\n    'Does.'\n    return ''\n"
    )
    with pytest.raises(CatalogueError, match="only a tool can work in the background"):
        create_app(WITH_WORKER, resources=write(mine=code))


def test_background_is_left_out_by_default() -> None:
    @tool(background=False)
    def mine() -> None:
        """Does."""

    assert vars(mine)["__mcp_tool__"].background is None
