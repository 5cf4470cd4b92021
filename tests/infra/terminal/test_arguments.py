"""ARGS and the server's address are read with errors that say what to type."""

import os
from pathlib import Path
from typing import Any

import pytest

from app.http.clients import LOCAL_NAME
from app.identity import IDENTITY
from infra.local.loopback import LoopbackServer
from infra.terminal.arguments import read_arguments
from infra.terminal.command import TerminalError, UsageError
from infra.terminal.target import read_target


def test_arguments_are_an_object_a_file_or_nothing(tmp_path: Path) -> None:
    file = tmp_path / "arguments.json"
    file.write_text('{"days": 2}')

    assert read_arguments('{"start":"2026-01-02"}') == {"start": "2026-01-02"}
    assert read_arguments(f"@{file}") == {"days": 2}
    assert read_arguments("  ") == {}


def test_a_mistake_is_shown_with_its_place() -> None:
    with pytest.raises(UsageError) as refusal:
        read_arguments('{"start":"2026-01-02" "days":1}')

    assert str(refusal.value) == (
        "ARGS is not JSON: Expecting ',' delimiter at line 1, column 23\n"
        '  {"start":"2026-01-02" "days":1}\n'
        "                        ^"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{start:2026-01-02}", "write single quotes around it, ARGS='"),
        ("[1]", "must be a JSON object"),
        ('{"n": NaN}', "NaN is not a number"),
        ("[" * 100_000, "ARGS is not JSON"),
        ("@/nowhere/arguments.json", "ARGS=@/nowhere/arguments.json: No such file or directory"),
    ],
    ids=["unquoted", "list", "nan", "deep", "file"],
)
def test_what_is_no_object_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_arguments(text)

    assert message in str(refusal.value)


def test_a_mistake_in_a_long_line_is_shown_with_its_surroundings() -> None:
    with pytest.raises(UsageError) as refusal:
        read_arguments('{"text":"' + "x" * 500 + '" "more":1}')

    line, mark = str(refusal.value).splitlines()[1:3]
    assert len(line) < 80
    assert line[mark.index("^")] == '"'


def test_without_a_variable_the_server_is_that_of_make_dev() -> None:
    local, other = read_target({}), read_target({"PORT": "8010"})

    assert (local.url, local.is_make_dev, local.entry_name) == ("http://127.0.0.1:8000/mcp", True, LOCAL_NAME)
    assert other.url == "http://127.0.0.1:8010/mcp"


def test_a_deployed_server_has_another_entry_name() -> None:
    target = read_target({"URL": "https://mcp.example.com", "TERMINAL_STAGE": "prod"})

    assert (target.url, target.is_make_dev) == ("https://mcp.example.com/mcp", False)
    assert target.entry_name == IDENTITY.name.replace(".", "-")


@pytest.mark.parametrize(
    ("variables", "message"),
    [({"URL": "mcp.example.com"}, "must begin with https://"), ({"PORT": "80000"}, "PORT is '80000'")],
    ids=["url", "port"],
)
def test_a_wrong_address_is_refused(variables: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_target(variables)


def test_a_stage_that_is_not_in_samconfig_is_refused() -> None:
    with pytest.raises(TerminalError, match=r"samconfig\.toml has no \[nowhere\.deploy\.parameters\]"):
        read_target({"TERMINAL_STAGE": "nowhere"})


STACKS = """<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>
<Stacks><member><StackName>x</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>
<StackStatus>CREATE_COMPLETE</StackStatus>{outputs}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""
OUTPUT = "<Outputs><member><OutputKey>McpUrl</OutputKey><OutputValue>https://x.example.com/mcp</OutputValue></member></Outputs>"


def answer_with(outputs: str) -> Any:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for each in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{each}.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/xml")]})
        await send({"type": "http.response.body", "body": STACKS.format(outputs=outputs).encode()})

    return answer


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    return monkeypatch


@pytest.mark.broad
def test_a_stage_is_found_through_the_outputs_of_its_stack(aws: pytest.MonkeyPatch) -> None:
    with LoopbackServer(answer_with(OUTPUT)) as server:
        aws.setenv("AWS_ENDPOINT_URL", server.url)
        target = read_target({**os.environ, "TERMINAL_STAGE": "dev"})

    assert target.url == "https://x.example.com/mcp"


@pytest.mark.broad
def test_a_stack_without_the_url_is_named(aws: pytest.MonkeyPatch) -> None:
    with LoopbackServer(answer_with("")) as server:
        aws.setenv("AWS_ENDPOINT_URL", server.url)
        with pytest.raises(TerminalError, match="no output McpUrl"):
            read_target({**os.environ, "TERMINAL_STAGE": "dev"})


def test_no_token_goes_to_a_server_without_https() -> None:
    with pytest.raises(UsageError, match="is not https"):
        read_target({"URL": "http://mcp.example.com/mcp"}).require_protection()
