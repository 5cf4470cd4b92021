"""What a WorkOS that does not answer as hoped leaves in the log: enough to tell causes apart, nobody's text."""

import json
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import workos as sdk

from app.workos.answer_log import PATH_WORDS, describe
from app.workos.transport import Answer
from infra.local.loopback import LoopbackServer
from tests.catalogues import workos
from tests.issuer import Issuer
from tests.log import Log
from tests.rig import SETTINGS, Response, Rig
from tests.workos.scripted_workos import USER, Api

KEY = "sk_test_0123456789abcdefghij"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    api = Api([(200, {}, USER)])
    with LoopbackServer(api) as server:
        monkeypatch.setenv("WORKOS_BASE_URL", server.url)
        yield api


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig(replace(SETTINGS, api_key=KEY), issuer=Issuer(), tools=workos)
    yield rig
    rig.close()


def failing_line(rig: Rig, log: Log, tool: str = "me", **arguments: Any) -> dict[str, Any]:
    """The one line of a call that fails; no line anywhere has the key."""
    result: Response = rig.call(tool, arguments)
    assert result["isError"] is True
    (line,) = log("WorkOS refused or failed")
    assert KEY not in json.dumps(log())
    return line


def test_what_workos_said_is_in_the_line(api: Api, rig: Rig, log: Log) -> None:
    refusal = {
        "message": "Validation failed.",
        "code": "invalid_request_parameters",
        "errors": [{"field": "first_name", "code": "too_long", "message": "At most 100 characters."}],
    }
    api.answers = [(422, {}, refusal)]

    line = failing_line(rig, log, "rename", name="Augusta")

    assert (line["reason"], line["status"]) == ("UnprocessableEntityError", 422)
    assert (line["code"], line["workos_request_id"]) == ("invalid_request_parameters", "req_123")
    assert (line["detail"], line["errors"]) == (
        "Validation failed.",
        ["first_name too_long: At most 100 characters."],
    )
    assert line["endpoint"] == "PUT /user_management/users/{}"
    assert line["host"].startswith("127.0.0.1:")
    assert "failure" not in line


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("errors", "told"),
    [
        (
            [{"instancePath": "/action", "message": "The action is not configured."}],
            ["/action: The action is not"],
        ),
        ([{"code": "email_required", "message": "Email is required."}], ["email_required: Email is required."]),
        (["first_name is too long"], ["first_name is too long"]),
        ({"first_name": "is too long"}, ["first_name: is too long"]),
        ([{"field": "metadata.ada@example.com", "code": "invalid"}], ["… invalid"]),
        ([{"field": ["a"], "code": 7}], ["… …"]),
        ([{}, None, 3], ["None", "3"]),
        ([{"field": f"f{n}"} for n in range(20)], [f"f{n}" for n in range(5)]),
        ("all of it", []),
        (None, []),
    ],
)
def test_the_fields_that_workos_refuses_are_told_whatever_form_they_come_in(
    errors: Any, told: list[str], api: Api, rig: Rig, log: Log
) -> None:
    api.answers = [(422, {}, {"message": "Validation failed.", "errors": errors})]

    listed = failing_line(rig, log, "rename", name="Augusta").get("errors", [])

    assert [said[: len(wanted)] for said, wanted in zip(listed, told, strict=True)] == told


@pytest.mark.matrix
@pytest.mark.parametrize(
    "message",
    [
        "User 'Augusta Ada' not found.",
        'No user has the name "Augusta Ada".',
        "AUGUSTA ADA is taken.",
        "The address ada@example.com is taken by user_01HBEQKA6K4QJAS93VPE39W1JT.",
        "See https://dashboard.workos.com/u?q=Augusta+Ada for sk_live_abc.",
        "Token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2ln is not one.",
        "Augusta Ada\x1b[31m\n\u202e is no name",
        "user_01ALICE may not be called Augusta Ada",
    ],
)
@pytest.mark.parametrize("where", ["message", "error_description", "errors", "code", "param"])
def test_nothing_that_a_caller_wrote_and_no_id_or_key_is_in_the_line(
    where: str, message: str, api: Api, rig: Rig, log: Log
) -> None:
    said: dict[str, Any] = {where: [{"field": "first_name", "message": message}] if where == "errors" else message}
    api.answers = [(400, {}, said)]

    line = failing_line(rig, log, "rename", name="Augusta Ada")

    told = json.dumps({name: line.get(name) for name in ("detail", "errors", "code", "param")}, ensure_ascii=False)
    assert not re.search(r"augusta ada|@|user_01|sk_|eyJ|https?:|[\x00-\x1f\u202e]", told, re.IGNORECASE), told
    assert "…" in told


@pytest.mark.parametrize("argument", ["ada", "12345", "a b", "ends.", "(x)", "user_01ALICE", "ÄÖÜ", "x" * 3000])
def test_an_argument_of_any_form_stays_out_of_the_line(argument: str, api: Api, rig: Rig, log: Log) -> None:
    api.answers = [(400, {}, {"message": f"The value {argument} of first_name is not allowed."})]

    line = failing_line(rig, log, "rename", name=argument)

    assert argument[:100] not in line["detail"]
    assert line["detail"].startswith("The value …")


def test_a_long_message_is_cut(api: Api, rig: Rig, log: Log) -> None:
    api.answers = [(400, {"x-long": "x"}, {"message": "no " * 100_000, "code": "c" * 500})]

    line = failing_line(rig, log)

    assert (len(line["detail"]), line["code"]) == (300, "…")


def test_an_id_of_the_path_is_in_no_line(api: Api, rig: Rig, log: Log) -> None:
    api.answers = [(404, {}, {"message": "Organization not found: org_1 (ORG_1).", "code": "entity_not_found"})]

    line = failing_line(rig, log, "organization", organization_id="org_1")

    assert line["endpoint"] == "GET /organizations/{}"
    assert line["detail"] == "Organization not found: … (…)."


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((302, {"location": "https://login.proxy.example/x?user=ada"}, {}), ("redirect", 302)),
        ((200, {}, b"<html>a page of a proxy</html>"), ("not_json", 200)),
        ((200, {}, ["a list"]), ("not_json", 200)),
        ((404, {}, b"<html>nginx</html>"), ("not_json", 404)),
        ((200, {}, b""), ("empty", 200)),
        ((204, {}, b""), ("empty", 204)),
        ((200, {}, {"pad": "x" * (4 * 1024 * 1024)}), ("too_large", 200)),
        ((403, {}, b"<html>blocked by a firewall</html>"), ("not_json", 403)),
        ((200, {}, {"object": "user"}), ("changed_answer", None)),
        ((200, {}, {**USER, "created_at": "Ada's birthday"}), ("changed_answer", None)),
    ],
    ids=["redirect", "page", "list", "page 404", "empty", "204", "too large", "page 403", "less", "another form"],
)
def test_answers_that_are_not_workoss_are_told_apart(
    answer: Any, told: tuple[str, int | None], api: Api, rig: Rig, log: Log
) -> None:
    api.answers = [answer]

    line = failing_line(rig, log)

    assert (line["failure"], line.get("status")) == told
    assert line["endpoint"] == "GET /user_management/users/{}"
    assert line["host"].startswith("127.0.0.1:")
    assert "ada" not in json.dumps(line).lower().replace("metadata", "")


def test_a_redirect_names_the_host_that_it_leads_to_and_no_more(api: Api, rig: Rig, log: Log) -> None:
    api.answers = [(302, {"location": "https://login.proxy.example/x?user=ada"}, {})]

    assert failing_line(rig, log)["redirect_host"] == "login.proxy.example"


@pytest.mark.parametrize(
    ("location", "host"), [("/elsewhere", "the same"), ("https://[x", "no URL"), ("", "the same")]
)
def test_a_redirect_to_no_host_is_told_as_that(location: str, host: str, api: Api, rig: Rig, log: Log) -> None:
    api.answers = [(307, {"location": location}, {})]

    assert failing_line(rig, log)["redirect_host"] == host


def test_a_changed_answer_names_what_is_amiss_and_its_request_id(api: Api, rig: Rig, log: Log) -> None:
    api.answers = [(200, {}, {name: value for name, value in USER.items() if name != "email"})]

    line = failing_line(rig, log)

    assert line["detail"] == "User: KeyError email"
    assert line["workos_request_id"] == "req_123"


def test_a_list_that_is_none_is_a_changed_answer_without_what_was_asked_for() -> None:
    error = sdk.WorkOSError("Expected array response from GET /users/ada@example.com, got dict")

    assert describe(error) == {
        "reason": "WorkOSError",
        "status": None,
        "workos_request_id": None,
        "code": None,
        "failure": "changed_answer",
        "detail": "an answer: of another kind",
    }


def test_an_empty_answer_to_a_write_is_one(api: Api, rig: Rig) -> None:
    api.answers = [(202, {}, b"")]

    assert rig.call("remove")["isError"] is False


@contextmanager
def resetting_server() -> Iterator[str]:
    """Takes a request and throws the connection away."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                connection.recv(65536)
                # SO_LINGER of zero seconds: the close is a reset.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("failure", ["refused", "reset", "dns", "tls"])
def test_connections_that_fail_are_told_apart(
    failure: str, monkeypatch: pytest.MonkeyPatch, rig: Rig, log: Log
) -> None:
    with resetting_server() as resetting, LoopbackServer(Api()) as plain:
        gone = LoopbackServer(Api())
        gone.stop()
        urls = {
            "refused": gone.url,
            "reset": resetting,
            "dns": "http://api.workos.invalid",
            "tls": plain.url.replace("http:", "https:"),
        }
        monkeypatch.setenv("WORKOS_BASE_URL", urls[failure])

        line = failing_line(rig, log)

    assert line["failure"] == failure
    assert line["endpoint"] == "GET /user_management/users/{}"
    assert line["host"] == urls[failure].partition("://")[2]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_answer_that_ends_in_the_middle_is_cut_off(api: Api, rig: Rig, log: Log) -> None:
    api.answers = ["cut"]

    assert failing_line(rig, log)["failure"] == "cut_off"


def refusal(message: str, sent: object, url: str = "https://api.workos.com/audit_logs/events") -> dict[str, Any]:
    """What is told of a refusal, whose request had this body."""
    body = None if sent is None else json.dumps(sent).encode()
    answer = Answer(400, {}, b"", "POST", url, body)
    error = sdk.BadRequestError(
        message, response=answer, response_json={"message": message}, request_url=url, request_method="POST"
    )
    return describe(error)


@pytest.mark.parametrize(
    ("said", "sent", "told"),
    [
        ("a target ada is wrong", {"event": {"targets": [{"id": "ada"}]}}, "a target … is wrong"),
        ("event.metadata.ada is wrong", {"event": {"metadata": {"ada": 1}}}, "event.metadata.… is wrong"),
        ("the event is wrong", {"event": {"metadata": {"x": "y"}}}, "the event is wrong"),
        (
            "at most 100, not 123456 and not 1.25",
            {"a": 100, "b": 123456, "c": 1.25},
            "at most 100, not … and not …",
        ),
        ("true and null are wrong", {"a": True, "b": None}, "true and null are wrong"),
        ("nothing was sent", None, "nothing was sent"),
        ("UserOrganizationMembershipResponse is wrong", None, "UserOrganizationMembershipResponse is wrong"),
    ],
)
def test_of_a_body_every_value_stays_out_at_any_depth(said: str, sent: object, told: str) -> None:
    assert refusal(said, sent)["detail"] == told


def test_of_a_query_every_value_stays_out() -> None:
    url = "https://api.workos.com/user_management/users?email=ada%40example.com&search=Lady+Lovelace&limit=10"

    line = refusal("Lady Lovelace is nobody; ada is not allowed; limit 10", None, url)

    assert line["detail"] == "… is nobody; ada is not allowed; limit 10"
    assert (line["endpoint"], line["host"]) == ("POST /user_management/users", "api.workos.com")


def test_what_is_no_error_of_workos_is_named_by_its_kind_alone() -> None:
    always = {"status": None, "workos_request_id": None, "code": None}

    assert describe(TimeoutError("ada")) == {"reason": "TimeoutError", "failure": "timeout", **always}
    assert describe(ValueError("ada")) == {"reason": "ValueError", **always}


def test_every_word_of_the_sdks_paths_is_known_as_none_of_a_callers() -> None:
    package = Path(sdk.__file__).parent
    paths = [
        found
        for file in package.rglob("*.py")
        for found in re.findall(r"path=\((.*?)\),?\n", file.read_text(encoding="utf-8"), re.DOTALL)
    ]

    assert {word for path in paths for word in re.findall(r'"([^"]+)"', path)} - PATH_WORDS == set()
