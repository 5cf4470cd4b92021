"""The form decides who looks at a bearer token: no JWT goes to WorkOS, and no key is parsed as a JWT."""

import pytest

from tests.api_keys import KeyWorld
from tests.events import http_api, load_balancer, rest_api
from tests.log import Log
from tests.rig import message


def test_without_the_setting_nothing_changes(log: Log) -> None:
    world = KeyWorld.start(allow_api_keys=False)

    assert world.send("CI").status == 401
    assert [line["reason"] for line in log("refused")] == ["not_a_jwt"]
    assert world.api.asked == []


@pytest.mark.parametrize("form", ["good", "expired", "signature", "parts", "two parts", "empty parts", "padded"])
def test_no_jwt_is_ever_sent_to_workos(form: str, log: Log) -> None:
    world = KeyWorld.start()
    token = world.rig.issuer.token()
    sent = {
        "good": token,
        "expired": world.rig.issuer.token(exp=1),
        "signature": token[:-8] + "AAAAAAAA",
        "parts": token + ".more",
        "two parts": token.rpartition(".")[0],
        "empty parts": "..",
        "padded": token + "==",
    }[form]
    answer = world.rig.exchange("tools/list", token=sent)

    assert answer.status == (200 if form == "good" else 401)
    assert world.api.asked == []


def test_a_key_is_never_looked_at_as_a_jwt(log: Log) -> None:
    world = KeyWorld.start()
    parts = world.rig.issuer.token().split(".")
    for part in parts:
        assert world.rig.exchange("tools/list", token=part[:200]).status == 401
    world.send("CI")

    # No signing key was fetched: nothing was verified as a JWT.
    assert world.rig.issuer.fetched == []


HEADERS: list[tuple[dict[str, str], int]] = [
    ({"x-api-key": "KEY"}, 401),
    ({"authorization": "KEY"}, 401),
    ({"authorization": "Basic KEY"}, 401),
    ({"authorization": "ApiKey KEY"}, 401),
    ({"authorization": "Bearer Bearer KEY"}, 401),
    ({"authorization": 'Bearer "KEY"'}, 401),
    ({"authorization": "Bearer KEY\0"}, 401),
    ({"authorization": "Bearer KEY\u00e9"}, 401),
    ({"authorization": "Bearer KEY" + "x" * 9000}, 401),
    ({"authorization": "Bearer KEY KEY"}, 401),
    ({"authorization": "Bearer KEY,"}, 400),
    ({"authorization": "Bearer KEY, Bearer KEY"}, 400),
    ({"authorization": "Bearer KEY", "Authorization": "Bearer KEY"}, 400),
    ({"cookie": "token=KEY"}, 401),
]


@pytest.mark.parametrize(("headers", "status"), HEADERS, ids=lambda each: repr(each)[:40])
def test_a_key_in_another_form_is_refused_without_a_request(headers: dict[str, str], status: int) -> None:
    world = KeyWorld.start()
    sent, body = message("tools/list")
    filled = {name: value.replace("KEY", world.value("CI")) for name, value in headers.items()}
    answers = [
        world.rig.send(door(headers={**sent, **filled}, body=body)) for door in (http_api, rest_api, load_balancer)
    ]

    assert {answer.status for answer in answers} == {status}
    assert world.requests == 0


def test_a_key_in_the_query_or_the_body_is_no_token() -> None:
    world = KeyWorld.start()
    event = http_api(body=f"access_token={world.value('CI')}")
    event["rawQueryString"] = f"access_token={world.value('CI')}"

    assert world.rig.send(event).status == 401
    assert world.requests == 0


def test_the_key_of_this_server_itself_is_no_callers_key() -> None:
    world = KeyWorld.start(api_key="sk_test_the_key_of_this_server")
    world.answer_instead(200, {"api_key": None})

    assert world.rig.exchange("tools/list", token="sk_test_the_key_of_this_server").status == 401


@pytest.mark.parametrize("parameter", [None, "/server/api-key"])
def test_a_server_that_cannot_read_its_own_key_answers_503(parameter: str | None) -> None:
    world = KeyWorld.start(api_key=None, api_key_parameter=parameter)

    answer = world.send("CI")

    assert (answer.status, answer.json["error"]) == (503, "temporarily_unavailable")
    assert world.api.asked == []
