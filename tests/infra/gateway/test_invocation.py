import json
import os
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.local.gateway import Limits
from tests.infra.gateway.running import Serve

ECHO = "def handler(event, context):\n    return event\n"
CONTEXT = """
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    return [context.aws_request_id, context.function_name, context.function_version, context.memory_limit_in_mb,
            context.invoked_function_arn, 28_000 < left <= 29_000]
"""
COUNT = """
import os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    return [os.getpid(), calls]
"""
# The call with a body waits until the test opens the other end of the pipe.
GATED = """
import os
def handler(event, context):
    if "body" in event:
        open("gate").read()
    return os.getpid()
"""
OVERLAP = """
import threading
at_work = threading.Lock()
def handler(event, context):
    alone = at_work.acquire(blocking=False)
    sum(range(100_000))
    if alone:
        at_work.release()
    return alone
"""


def test_the_function_gets_the_event_of_the_request(serve: Serve) -> None:
    event = serve(ECHO).client.post("/mcp/%20?q=%20", json={"a": 1}).json()

    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/mcp/ ", "q=%20")
    assert json.loads(event["body"]) == {"a": 1}


def test_the_context_is_like_lambdas_own(serve: Serve) -> None:
    request_id, *rest = serve(CONTEXT).client.get("/").json()

    assert re.fullmatch(r"[0-9a-f-]{36}", request_id)
    assert rest == [
        "local",
        "$LATEST",
        "1024",
        "arn:aws:lambda:us-east-1:123456789012:function:local",
        True,
    ]


def test_calls_share_one_warm_environment(serve: Serve) -> None:
    client = serve(COUNT).client

    (first_pid, first), (second_pid, second) = client.get("/").json(), client.get("/").json()

    assert (first, second) == (1, 2)
    assert first_pid == second_pid != os.getpid()


def test_an_environment_serves_one_request_at_a_time(serve: Serve) -> None:
    client = serve(OVERLAP).client

    with ThreadPoolExecutor(8) as pool:
        answers = [call.result().json() for call in [pool.submit(client.get, "/") for _ in range(24)]]

    assert answers == [True] * 24


def test_a_slow_request_does_not_hold_up_the_next_one(serve: Serve) -> None:
    running = serve(GATED)
    os.mkfifo(running.folder / "gate")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(running.client.post, "/", content=b"x")
        # Opens once the slow one is at work.
        with (running.folder / "gate").open("w"):
            quick = running.client.get("/").json()

    assert quick != slow.result().json()
    running.terminal.wait_for("one more environment, cold start")
    # Both are warm now, and no third one is started.
    assert running.client.get("/").json() in (quick, slow.result().json())


def test_the_function_sees_its_settings_and_nothing_else_of_the_shell(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the developer's own")
    source = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"

    seen = serve(source, variables={"BASE_URL": "http://127.0.0.1:1"}).client.get("/").json()

    assert seen["BASE_URL"] == "http://127.0.0.1:1"
    # What Python itself adds when it starts.
    assert seen.keys() - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"} == {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "BASE_URL",
        "HOME",
        "LANG",
        "NO_PROXY",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
        "PYTHONUNBUFFERED",
    }


def test_head_is_passed_on_and_answered_without_a_body(serve: Serve) -> None:
    source = "def handler(event, context):\n    return {'statusCode': 405, 'body': 'not here'}\n"

    answer = serve(source).client.head("/")

    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (405, b"", "8")


def test_options_is_passed_on(serve: Serve) -> None:
    assert serve(ECHO).client.options("/mcp").json()["requestContext"]["http"]["method"] == "OPTIONS"


def test_a_status_without_content_has_no_content_length(serve: Serve) -> None:
    answer = serve("def handler(event, context):\n    return {'statusCode': 204}\n").client.get("/")

    assert answer.status_code == 204
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("rename", "header"), [(True, "x-amzn-remapped-www-authenticate"), (False, "www-authenticate")]
)
def test_the_challenge_is_renamed_unless_switched_off(serve: Serve, rename: bool, header: str) -> None:
    source = (
        "def handler(event, context):\n    return {'statusCode': 401, 'headers': {'www-authenticate': 'Bearer'}}\n"
    )

    answer = serve(source, rename_challenge=rename).client.get("/")

    assert {name for name in answer.headers if name.endswith("authenticate")} == {header}


def test_a_handler_that_raises_is_a_server_error_and_stays_warm(serve: Serve) -> None:
    running = serve("import os\ndef handler(event, context):\n    raise KeyError(os.getpid())\n")

    answers = [running.client.get("/") for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"message": "Internal Server Error"}] * 2
    assert "function.py, line 3: raise KeyError(os.getpid())" in running.terminal.wait_for("KeyError", times=2)
    assert len(running.terminal.lines) == 1 + 2 + 2


def test_a_result_that_is_no_json_is_a_server_error(serve: Serve) -> None:
    running = serve("def handler(event, context):\n    return {1, 2}\n")

    assert running.client.get("/").status_code == 500
    assert "set is not JSON serializable" in running.terminal.wait_for("the function failed")


def test_a_malformed_result_is_a_server_error(serve: Serve) -> None:
    running = serve("def handler(event, context):\n    return {'statusCode': 'OK'}\n")

    assert running.client.get("/").status_code == 500
    assert running.terminal.wait_for("the function failed") == "the function failed: statusCode is 'OK'"


def test_a_crash_is_a_server_error_and_the_next_request_gets_a_cold_start(serve: Serve) -> None:
    crash = "import os\ndef handler(event, context):\n    return os._exit(3) if 'body' in event else os.getpid()\n"
    running = serve(crash)
    before = running.client.get("/").json()

    crashed = running.client.post("/", content=b"x")

    assert (crashed.status_code, crashed.json()) == (500, {"message": "Internal Server Error"})
    assert "exit status 3" in running.terminal.wait_for("the function failed")
    assert running.client.get("/").json() != before
    running.terminal.wait_for("cold start", times=2)


def test_a_client_that_hangs_up_cancels_nothing_and_the_next_one_is_served(serve: Serve) -> None:
    running = serve(GATED, limits=Limits(environments=1))  # the next one waits for it
    os.mkfifo(running.folder / "gate")
    before = running.client.get("/").json()
    with socket.create_connection(("127.0.0.1", running.server.port)) as connection:
        connection.sendall(b"POST /gone HTTP/1.1\r\nhost: gateway\r\ncontent-length: 1\r\n\r\nx")
        # Opens once the handler is at work.
        gate = (running.folder / "gate").open("w")
    gate.close()

    assert running.client.get("/").json() == before
    assert "POST /gone 200" in running.terminal.wait_for("/gone")


def test_a_request_that_is_cut_off_is_never_invoked(serve: Serve) -> None:
    running = serve(COUNT)
    with socket.create_connection(("127.0.0.1", running.server.port)) as connection:
        connection.sendall(b"POST /cut HTTP/1.1\r\nhost: gateway\r\ncontent-length: 9\r\n\r\nx")

    assert running.client.get("/").json()[1] == 1
    assert all("/cut" not in line for line in running.terminal.lines)


def test_each_request_is_one_line_without_query_or_headers(serve: Serve) -> None:
    running = serve(ECHO)

    running.client.get("/mcp%1b?code=secret", headers={"authorization": "Bearer secret"})

    line = running.terminal.wait_for("GET")
    assert re.fullmatch(r"\d\d:\d\d:\d\d GET /mcp%1[bB] 200 \d+ ms", line)
    assert "secret" not in "".join(running.terminal.lines)


def test_a_request_that_comes_before_the_function_is_ready_waits_for_it(serve: Serve, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    running = serve("open('gate').close()\ndef handler(event, context):\n    return 'ready'\n")

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(running.client.get, "/")
        # Opens once the import is at work.
        (tmp_path / "gate").open("w").close()

    assert answer.result().text == "ready"
