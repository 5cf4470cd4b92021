"""What counts as WorkOS' answer about an API key: everything else is an outage, never a yes and never a no."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from workos import AsyncWorkOSClient

from app.auth.api_keys import ApiKey, KeyUncheckable
from app.current import CallerError
from app.workos.key_validation import KeyValidation
from tests.api_keys import VALIDATIONS, KeyWorld
from tests.log import Log

CREATED = datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()
OF_ORGANIZATION: dict[str, Any] = {
    "object": "api_key",
    "id": "api_key_01CI",
    "owner": {"type": "organization", "id": "org_01ACME"},
    "name": "CI",
    "obfuscated_value": "sk_...3456",
    "last_used_at": None,
    "expires_at": None,
    "permissions": ["reports:read"],
    "created_at": "2026-01-15T12:00:00.000Z",
    "updated_at": "2026-01-15T12:00:00.000Z",
}
OF_USER = OF_ORGANIZATION | {"owner": {"type": "user", "id": "user_01ADA", "organization_id": "org_01ACME"}}


class Client:
    """The SDK's client as far as it is used."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.sent: list[Any] = []

    async def request_raw(self, method: str, path: tuple[str, ...], *, body: dict[str, Any]) -> Any:
        self.sent.append((method, path, body))
        if self.answer is ...:
            await asyncio.Event().wait()
        return self.answer


def validate(answer: Any, seconds: float = 5) -> ApiKey | None:
    client = Client(answer)

    async def connect() -> AsyncWorkOSClient:
        return cast("AsyncWorkOSClient", client)

    found = asyncio.run(KeyValidation(connect, seconds)("sk_example"))
    assert client.sent == [("post", ("api_keys", "validations"), {"value": "sk_example"})]
    return found


def test_the_keys_of_both_owners_are_read() -> None:
    of_organization, of_user = validate({"api_key": OF_ORGANIZATION}), validate({"api_key": OF_USER})

    assert of_organization == ApiKey(
        id="api_key_01CI",
        owner="organization",
        owner_id="org_01ACME",
        organization_id="org_01ACME",
        permissions=frozenset({"reports:read"}),
        created_at=CREATED,
        expires_at=None,
    )
    assert of_user is not None
    assert (of_user.owner, of_user.owner_id, of_user.organization_id) == ("user", "user_01ADA", "org_01ACME")


def test_an_expiry_is_a_time() -> None:
    found = validate({"api_key": OF_USER | {"expires_at": "2026-01-15T12:00:01.500Z"}})

    assert found is not None
    assert found.expires_at == CREATED + 1.5


def test_null_is_a_no() -> None:
    assert validate({"api_key": None}) is None


WRONG: list[Any] = [
    {},
    {"valid": True},
    {"api_key": True},
    {"api_key": []},
    {"api_key": {}},
    {"api_key": OF_USER | {"id": None}},
    {"api_key": OF_USER | {"id": ""}},
    {"api_key": OF_USER | {"id": "key\n1"}},
    {"api_key": OF_USER | {"owner": None}},
    {"api_key": OF_USER | {"owner": {"type": "team", "id": "team_1"}}},
    {"api_key": OF_USER | {"owner": {"type": "user", "id": "user_1"}}},
    {"api_key": OF_USER | {"owner": {"type": "user", "id": "user_1", "organization_id": None}}},
    {"api_key": OF_USER | {"owner": {"type": "organization"}}},
    {"api_key": OF_USER | {"permissions": None}},
    {"api_key": OF_USER | {"permissions": "reports:read"}},
    {"api_key": OF_USER | {"permissions": [["reports:read"]]}},
    {"api_key": OF_USER | {"created_at": "yesterday"}},
    {"api_key": OF_USER | {"created_at": None}},
    {"api_key": OF_USER | {"expires_at": 1}},
    {"api_key": OF_USER | {"expires_at": "2026-01-15T12:00:00"}},
]


@pytest.mark.parametrize("answer", WRONG, ids=repr)
def test_an_answer_of_another_form_is_neither_a_yes_nor_a_no(answer: Any) -> None:
    with pytest.raises(KeyUncheckable) as raised:
        validate(answer)

    # What WorkOS says of one key says nothing of the next one.
    assert raised.value.concerns_all is not isinstance(answer.get("api_key"), dict)


def test_a_key_that_cannot_be_read_stops_no_other_key() -> None:
    world = KeyWorld.start()
    without_organization = OF_USER | {"owner": {"type": "user", "id": "user_01ADA"}}
    world.answer_instead(200, {"api_key": without_organization})
    assert world.send("CI").status == 503
    del world.api.instead[VALIDATIONS]

    assert world.send("Status page").status == 200


def test_no_answer_in_time_is_an_outage() -> None:
    with pytest.raises(KeyUncheckable):
        validate(..., seconds=0.01)


def test_a_server_without_its_own_key_cannot_ask() -> None:
    async def connect() -> AsyncWorkOSClient:
        raise CallerError("This server has no WorkOS API key.")

    with pytest.raises(KeyUncheckable):
        asyncio.run(KeyValidation(connect)("sk_example"))


@pytest.mark.parametrize(
    ("status", "body", "requests"),
    [
        (401, {"message": "Unauthorized"}, 1),
        (403, {"message": "Forbidden"}, 1),
        (404, {"message": "Not Found"}, 1),
        (422, {"message": "Validation failed."}, 2),  # says something of this key, so the other one is asked about
        (400, {"message": "Bad request."}, 2),
        (200, b"<html>a page</html>", 1),
        (200, b"", 1),
        (200, {"api_key": {"id": "api_key_1"}}, 2),
        (200, {"valid": True}, 1),
    ],
    ids=repr,
)
@pytest.mark.matrix
def test_whatever_else_workos_answers_is_a_503(status: int, body: Any, requests: int, log: Log) -> None:
    world = KeyWorld.start()
    world.answer_instead(status, body)

    answers = [world.send("CI"), world.send("Status page")]

    assert [(answer.status, answer.json["error"]) for answer in answers] == [(503, "temporarily_unavailable")] * 2
    assert answers[0].headers["retry-after"] == "5"
    assert "www-authenticate" not in answers[0].headers
    assert world.requests == requests
    (first, *_) = log("an API key could not be checked")
    assert first.get("status", 200) == status


@pytest.mark.broad
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failure_that_may_pass_is_tried_once_more(status: int) -> None:
    world = KeyWorld.start()
    world.answer_instead(status, {"message": "busy"})

    assert world.send("CI").status == 503
    assert world.requests == 2
