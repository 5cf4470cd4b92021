"""WorkOS inside tools: the real SDK against an API on loopback that answers, refuses, hangs or is gone."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.authoring import NoSession
from app.workos.client import WorkOSAccess, get_client, get_user
from app.workos.errors import explain_workos_error
from infra.local.loopback import LoopbackServer
from tests.catalogues import many, workos
from tests.issuer import Issuer
from tests.log import Log
from tests.rig import ERAS, SETTINGS, Response, Rig, no_parameters
from tests.workos.scripted_workos import USER, Api


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    api = Api([(200, {}, USER)])
    with LoopbackServer(api) as server:
        monkeypatch.setenv("WORKOS_BASE_URL", server.url)
        yield api


Make = Callable[..., Rig]


@pytest.fixture
def make() -> Iterator[Make]:
    """A server whose tools ask WorkOS; its connections are closed with the test."""
    made: list[Rig] = []

    def make(fetch_parameters: Any = no_parameters, **settings: Any) -> Rig:
        given = replace(SETTINGS, **{"api_key": "sk_test_1", **settings})
        made.append(Rig(given, tools=workos, fetch_parameters=fetch_parameters))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(api: Api, make: Make) -> Rig:
    return make()


def text(result: Response) -> str:
    said: str = result["content"][0]["text"]
    return said


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("tool", ["me", "me_by_call"])
def test_a_tool_gets_the_caller_as_a_workos_user(tool: str, version: str, rig: Rig, api: Api) -> None:
    result = rig.call(tool, version=version)

    assert result["structuredContent"] == {"result": "alice@example.com"}
    assert api.asked == [("/user_management/users/user_01ALICE", "Bearer sk_test_1")]


def test_the_user_is_in_no_schema(rig: Rig) -> None:
    tools = rig.exchange("tools/list").json["result"]["tools"]

    assert next(tool for tool in tools if tool["name"] == "me")["inputSchema"].get("properties", {}) == {}


def test_one_client_serves_all_calls_of_a_warm_environment(rig: Rig, api: Api) -> None:
    assert rig.call("same_client")["structuredContent"] == {"result": True}
    assert [rig.call("me")["isError"] for _ in range(5)] == [False] * 5


def test_two_that_use_it_first_at_the_same_time_get_one_client() -> None:
    async def key() -> str:
        return "sk_test_1"

    async def scenario() -> None:
        access = WorkOSAccess(key, "client_01")
        first, second = await asyncio.gather(access.client(), access.client())
        assert first is second
        await access.close()

    asyncio.run(scenario())


def test_a_rotated_api_key_makes_a_new_client(api: Api, make: Make) -> None:
    values = {"/app/key": "sk_old"}

    async def fetch(names: tuple[str, ...]) -> dict[str, str]:
        return dict(values)

    rig = make(fetch, api_key=None, api_key_parameter="/app/key")
    rig.call("me")
    values["/app/key"] = "sk_new"
    rig.issuer.clock.now += 300
    rig.call("me", token=rig.issuer.token())

    assert [key for _, key in api.asked] == ["Bearer sk_old", "Bearer sk_new"]


def test_a_machine_has_no_user_and_is_told_so(api: Api, make: Make) -> None:
    rig = make(allow_machine_tokens=True)

    result = rig.call("me", token=rig.issuer.sign(rig.issuer.machine_claims()))

    assert result["isError"] is True
    assert text(result) == "This tool needs a person. You are logged in as a machine application, not as a user."
    assert api.asked == []


def test_without_an_api_key_the_caller_is_told_who_can_help(make: Make) -> None:
    result = make(api_key=None).call("me")

    assert text(result).startswith("This server has no WorkOS API key. Its operator sets WORKOS_API_KEY")


def test_a_key_that_cannot_be_read_is_a_readable_tool_error(make: Make) -> None:
    async def nothing(names: tuple[str, ...]) -> dict[str, str]:
        return {}

    rig = make(nothing, api_key=None, api_key_parameter="/app/key")

    assert text(rig.call("me")).startswith("This server cannot read one of its secrets at the moment.")


REFUSED = {"message": "inner text of WorkOS", "code": "some_code"}
FAILURES: list[tuple[str, tuple[int, dict[str, str], Any], str, str, int]] = [
    ("401", (401, {}, REFUSED), "does not accept this server's API key", "AuthenticationError", 1),
    ("403", (403, {}, REFUSED), "API key may not do that", "AuthorizationError", 1),
    ("404", (404, {}, REFUSED), "does not know what was asked for", "NotFoundError", 1),
    ("400", (400, {}, REFUSED), "refused the values", "BadRequestError", 1),
    ("409", (409, {}, REFUSED), "at the same time", "ConflictError", 1),
    ("422", (422, {}, REFUSED), "refused the values", "UnprocessableEntityError", 1),
    ("429 with a wait", (429, {"retry-after": "17"}, REFUSED), "Try again in 17 seconds.", "RateLimit", 1),
    (
        "429 with a date gone by",
        (429, {"retry-after": "Mon, 01 Jun 2020 00:00:00 GMT"}, REFUSED),
        "again in a moment.",
        "RateLimit",
        1,
    ),
    (
        "429 with a date far off",
        (429, {"retry-after": "Fri, 01 Jun 2096 00:00:00 GMT"}, REFUSED),
        "Try again later.",
        "RateLimit",
        1,
    ),
    ("429 with a day", (429, {"retry-after": "86400"}, REFUSED), "Try again later.", "RateLimit", 1),
    ("429 with 300 s", (429, {"retry-after": "300"}, REFUSED), "Try again in 300 seconds.", "RateLimit", 1),
    ("429 with 301 s", (429, {"retry-after": "301"}, REFUSED), "Try again later.", "RateLimit", 1),
    (
        "429 with a wait beyond any number",
        (429, {"retry-after": "9" * 400}, REFUSED),
        "in a moment.",
        "RateLimit",
        1,
    ),
    ("429 with a negative wait", (429, {"retry-after": "-5"}, REFUSED), "Try again in a moment.", "RateLimit", 2),
    ("429 with words", (429, {"retry-after": "soon"}, REFUSED), "Try again in a moment.", "RateLimit", 2),
    (
        "429 with a date that no calendar has",
        (429, {"retry-after": "Mon, 99999999999999999999 Jan 2020 00:00:00 GMT"}, REFUSED),
        "Try again in a moment.",
        "RateLimit",
        2,
    ),
    (
        "429 with a year beyond all",
        (429, {"retry-after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, REFUSED),
        "Try again in a moment.",
        "RateLimit",
        2,
    ),
    ("429 with a fraction", (429, {"retry-after": "1.5"}, REFUSED), "Try again in a moment.", "RateLimit", 2),
    ("429 without", (429, {}, REFUSED), "Try again in a moment.", "RateLimitExceededError", 2),
    ("500", (500, {}, REFUSED), "has a problem at the moment", "ServerError", 2),
    ("418", (418, {}, REFUSED), "has a problem at the moment", "APIError", 1),
    ("a body of another shape", (200, {}, {"object": "user"}), "has a problem at the moment", "WorkOSError", 1),
]


@pytest.mark.matrix
@pytest.mark.parametrize("failure", FAILURES, ids=[row[0] for row in FAILURES])
def test_what_workos_refuses_becomes_a_result_that_a_person_can_act_on(
    failure: Any, rig: Rig, api: Api, log: Log
) -> None:
    _, answer, said, kind, requests = failure
    api.answers = [answer]

    result = rig.call("organization", {"organization_id": "org_1"})

    assert result["isError"] is True
    assert said in text(result)
    assert "inner text" not in json.dumps(result)
    (line,) = log("WorkOS refused or failed")
    assert line["reason"].startswith(kind)
    assert len(api.asked) == requests
    if answer[0] != 200:
        assert (line["status"], line["workos_request_id"], line["code"]) == (answer[0], "req_123", "some_code")


@pytest.mark.parametrize("first", [(503, {}, {}), (429, {"retry-after": "0"}, {})])
def test_what_passes_by_itself_is_tried_once_more(first: Any, rig: Rig, api: Api) -> None:
    api.answers = [first, (200, {}, USER)]

    assert rig.call("me")["isError"] is False


@pytest.mark.broad
def test_a_workos_that_hangs_is_given_up_within_its_bound(rig: Rig, api: Api, log: Log) -> None:
    rig.call("me")
    api.answers = [None]
    began = time.monotonic()

    result = rig.call("me")

    assert text(result) == "WorkOS did not answer in time. Try again in a minute."
    assert time.monotonic() - began < 40  # forever, without the bound
    assert log("WorkOS refused or failed")[0]["reason"] == "WorkOSTimeoutError"


def test_a_workos_that_is_gone_is_told_as_that(monkeypatch: pytest.MonkeyPatch, make: Make, log: Log) -> None:
    gone = LoopbackServer(Api())
    gone.stop()
    monkeypatch.setenv("WORKOS_BASE_URL", gone.url)
    rig = make()

    assert text(rig.call("me")) == "WorkOS cannot be reached at the moment. Try again in a minute."
    assert log("WorkOS refused or failed")[0]["reason"] == "WorkOSConnectionError"


def test_the_settings_address_is_the_one_that_is_asked(
    api: Api, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(other := Api([(200, {}, USER)])) as server:
        rig = make(workos_base_url=server.url)

        assert rig.call("me")["isError"] is False
    assert (len(other.asked), api.asked) == (1, [])


def test_an_id_that_would_lead_elsewhere_never_leaves(rig: Rig, api: Api) -> None:
    assert text(rig.call("traverse")) == "The tool failed unexpectedly. The cause is in the server's log."
    assert api.asked == []


@pytest.mark.parametrize("outside", [get_user, get_client])
def test_outside_a_request_there_is_no_workos(outside: Any) -> None:
    with pytest.raises(NoSession, match="needs a request"):
        asyncio.run(outside())


@pytest.mark.parametrize("version", ERAS)
def test_a_tools_own_time_out_is_no_wait_of_ours(version: str) -> None:
    result = Rig(issuer=Issuer(), tools=many).call("slow", {"raises": True}, version=version)

    assert text(result) == "The tool failed unexpectedly. The cause is in the server's log."


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_answer_that_ends_in_the_middle_is_tried_once_more(rig: Rig, api: Api) -> None:
    api.answers = ["cut", (200, {}, USER)]

    assert rig.call("me")["isError"] is False

    api.answers = ["cut"]
    assert text(rig.call("me")) == "WorkOS has a problem at the moment. Try again in a minute."


def test_an_error_without_a_cause_is_none_of_workos() -> None:
    assert explain_workos_error(None) is None
    assert explain_workos_error(ValueError("x")) is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("tool", "first", "requests"),
    [("rename", "cut", 2), ("rename", (500, {}, {}), 2), ("remove", "cut", 1), ("remove", (500, {}, {}), 1)],
)
def test_only_what_cannot_happen_twice_is_tried_twice(
    tool: str, first: Any, requests: int, rig: Rig, api: Api
) -> None:
    api.answers = [first, (200, {}, USER)]

    result = rig.call(tool, {"name": "Alice"} if tool == "rename" else {})

    assert len(api.asked) == requests
    assert result["isError"] is (requests == 1)


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"location": "https://elsewhere.example"}, {}),
        (200, {}, [USER]),
        (200, {}, b"<html>a page of a proxy</html>"),
        (200, {}, {"pad": "x" * (4 * 1024 * 1024)}),
        (404, {}, {"pad": "x" * (4 * 1024 * 1024)}),
        (429, {}, {"pad": "x" * (4 * 1024 * 1024)}),
        (500, {}, ["no object"]),
    ],
    ids=["redirect", "list", "text", "too large", "too large 404", "too large 429", "error that is no object"],
)
def test_an_answer_that_is_not_workoss_is_no_success(answer: Any, rig: Rig, api: Api) -> None:
    api.answers = [answer]

    assert text(rig.call("me")) == "WorkOS has a problem at the moment. Try again in a minute."


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 502])
def test_a_page_in_workoss_place_is_not_taken_for_what_workos_would_mean_by_its_status(
    status: int, rig: Rig, api: Api, log: Log
) -> None:
    api.answers = [(status, {}, b"<html>blocked</html>")]

    assert text(rig.call("me")) == "WorkOS has a problem at the moment. Try again in a minute."
    assert log("WorkOS refused or failed")[0]["failure"] == "not_json"


def test_a_rate_limit_is_one_however_it_is_written(rig: Rig, api: Api) -> None:
    api.answers = [(429, {"retry-after": "9"}, b"<html>slow down</html>")]

    assert text(rig.call("me")) == "WorkOS is asked too often at the moment. Try again in 9 seconds."


def test_a_key_with_a_line_break_behind_it_is_used_without(api: Api, make: Make) -> None:
    async def fetch(names: tuple[str, ...]) -> dict[str, str]:
        return {"/app/key": "sk_secret\n"}

    rig = make(fetch, api_key=None, api_key_parameter="/app/key")

    assert rig.call("me")["isError"] is False
    assert api.asked[0][1] == "Bearer sk_secret"


@pytest.mark.parametrize("key", ["sk_sec ret", "sk_s\x00", "sk_\u00e9", "\n"])
def test_a_key_that_is_none_is_not_sent_and_not_shown(key: str, make: Make, log: Log) -> None:
    async def fetch(names: tuple[str, ...]) -> dict[str, str]:
        return {"/app/key": key}

    rig = make(fetch, api_key=None, api_key_parameter="/app/key")

    assert text(rig.call("me")).startswith("This server cannot read one of its secrets")
    assert log("secret unavailable")[0]["reason"] == "malformed"
    assert "sk_s" not in json.dumps(log())


def test_two_rotations_close_the_first_client(api: Api, make: Make) -> None:
    values = {"/app/key": "sk_0"}

    async def fetch(names: tuple[str, ...]) -> dict[str, str]:
        return dict(values)

    rig = make(fetch, api_key=None, api_key_parameter="/app/key")
    for number in range(3):
        values["/app/key"] = f"sk_{number}"
        assert rig.call("me", token=rig.issuer.token())["isError"] is False
        rig.issuer.clock.now += 300

    assert [key for _, key in api.asked] == ["Bearer sk_0", "Bearer sk_1", "Bearer sk_2"]
