"""API keys of the stand-in through the SDK: validated as WorkOS does, and never more readily."""

from datetime import UTC, datetime

import pytest
from workos import ConflictError, NotFoundError, UnprocessableEntityError

from infra.local.seed.rows import Seed
from tests.infra.workos_api.rig import ADA, ALAN, COMPILERS, ENGINES, GRACE, UNKNOWN, Api

pytestmark = pytest.mark.broad

CI = "api_key_01LOCALCI0000000000000000"


def value(seed: Seed, name: str) -> str:
    key = seed.api_key(name)
    assert key is not None
    return key.value


def validate(api: Api, text: str) -> str | None:
    """The id of the key with this value."""
    answer = api.ask(lambda workos: workos.api_keys.create_validation(value=text))
    return answer.api_key.id if answer.api_key else None


def later(api: Api, seconds: float) -> str:
    return datetime.fromtimestamp(api.clock.now + seconds, UTC).isoformat()


def test_a_valid_key_is_answered_with_its_owner_and_permissions(api: Api, seed: Seed) -> None:
    of_organization = api.ask(lambda workos: workos.api_keys.create_validation(value=value(seed, "CI"))).api_key
    of_user = api.ask(
        lambda workos: workos.api_keys.create_validation(value=value(seed, "Grace's notebook"))
    ).api_key

    assert of_organization is not None
    assert of_user is not None
    assert of_organization.owner.to_dict() == {"type": "organization", "id": ENGINES}
    assert of_organization.permissions == ["reports:read", "reports:write"]
    assert (of_organization.obfuscated_value, of_organization.last_used_at) == ("sk_...s_ci", None)
    assert of_user.owner.to_dict() == {"type": "user", "id": GRACE, "organization_id": COMPILERS}


def test_the_last_use_is_seen_afterwards(api: Api, seed: Seed) -> None:
    validate(api, value(seed, "CI"))
    again = api.ask(lambda workos: workos.api_keys.create_validation(value=value(seed, "CI"))).api_key

    assert again is not None
    assert again.last_used_at == datetime.fromtimestamp(api.clock.now, UTC)


@pytest.mark.parametrize("name", ["Old CI", "Lost laptop"])
def test_an_expired_and_a_revoked_key_are_unknown(name: str, api: Api, seed: Seed) -> None:
    assert validate(api, value(seed, name)) is None


@pytest.mark.parametrize(
    "change", [str.upper, lambda text: text[:-1], lambda text: f"{text} ", lambda text: f"Bearer {text}"]
)
def test_a_value_counts_to_the_letter(change: object, api: Api, seed: Seed) -> None:
    assert callable(change)
    assert validate(api, change(value(seed, "CI"))) is None


def test_the_key_of_the_environment_itself_is_no_key_of_a_customer(api: Api, seed: Seed) -> None:
    assert validate(api, seed.environment.api_key) is None


def test_a_key_is_made_used_and_deleted(api: Api) -> None:
    made = api.ask(
        lambda workos: workos.api_keys.create_organization_api_key(
            ENGINES, name="New", permissions=["reports:read"], expires_at=later(api, 60)
        )
    )
    before = validate(api, made.value)
    api.ask(lambda workos: workos.api_keys.delete_api_key(made.id))

    assert made.value.startswith("sk_")
    assert (before, validate(api, made.value)) == (made.id, None)
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.api_keys.delete_api_key(made.id))


def test_a_key_ends_at_its_expiry(api: Api) -> None:
    made = api.ask(
        lambda workos: workos.api_keys.create_organization_api_key(ENGINES, name="New", expires_at=later(api, 60))
    )
    api.clock.now += 59
    before = validate(api, made.value)
    api.clock.now += 1

    assert (before, validate(api, made.value)) == (made.id, None)


def test_a_user_s_key_needs_a_membership(api: Api) -> None:
    made = api.ask(
        lambda workos: workos.user_management.create_user_api_key(ADA, name="Mine", organization_id=ENGINES)
    )

    assert validate(api, made.value) == made.id
    with pytest.raises(UnprocessableEntityError):
        api.ask(
            lambda workos: workos.user_management.create_user_api_key(ADA, name="Mine", organization_id=COMPILERS)
        )
    with pytest.raises(UnprocessableEntityError):  # inactive there
        api.ask(
            lambda workos: workos.user_management.create_user_api_key(ALAN, name="Mine", organization_id=COMPILERS)
        )


def test_lists_show_the_keys_of_one_owner_without_values(api: Api, seed: Seed) -> None:
    of_engines = api.ask(lambda workos: workos.api_keys.list_organization_api_keys(ENGINES)).data
    of_grace = api.ask(lambda workos: workos.user_management.list_user_api_keys(GRACE)).data
    elsewhere = api.ask(
        lambda workos: workos.user_management.list_user_api_keys(GRACE, organization_id=ENGINES)
    ).data

    assert [key.name for key in of_engines] == ["Old CI", "Status page", "CI"]
    assert ([key.name for key in of_grace], elsewhere) == (["Grace's notebook"], [])
    shown = api.http.get(f"/organizations/{ENGINES}/api_keys").text
    assert [key.name for key in seed.api_keys if key.value in shown] == []


def test_a_key_is_expired_now_later_or_never(api: Api, seed: Seed) -> None:
    later_on = api.ask(lambda workos: workos.api_keys.create_api_key_expire(CI, expires_at=later(api, 60)))
    never = api.ask(lambda workos: workos.api_keys.create_api_key_expire(CI, expires_at=None))
    assert (later_on.expires_at is None, never.expires_at) == (False, None)
    assert validate(api, value(seed, "CI")) == CI

    api.ask(lambda workos: workos.api_keys.create_api_key_expire(CI))

    assert validate(api, value(seed, "CI")) is None
    with pytest.raises(ConflictError, match="already expired"):
        api.ask(lambda workos: workos.api_keys.create_api_key_expire(CI))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api_keys/validations", {}, 422),
        ("/api_keys/validations", {"value": ""}, 422),
        ("/api_keys/validations", {"value": 1}, 422),
        ("/api_keys/validations", {"api_key": "sk_local_analytical_engines_ci"}, 422),
        (f"/organizations/{ENGINES}/api_keys", {}, 422),
        (f"/organizations/{ENGINES}/api_keys", {"name": "x" * 201}, 422),
        (f"/organizations/{ENGINES}/api_keys", {"name": "x", "permissions": "reports:read"}, 422),
        (f"/organizations/{ENGINES}/api_keys", {"name": "x", "permissions": ["reports:burn"]}, 422),
        (f"/organizations/{ENGINES}/api_keys", {"name": "x", "expires_at": "tomorrow"}, 422),
        (f"/organizations/{ENGINES}/api_keys", {"name": "x", "expires_at": "2099-01-01T00:00:00"}, 422),
        (f"/organizations/{ENGINES}/api_keys", {"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, 422),
        (f"/organizations/{UNKNOWN}/api_keys", {"name": "x"}, 404),
        (f"/user_management/users/{ADA}/api_keys", {"name": "x"}, 422),
        (f"/user_management/users/{ADA}/api_keys", {"name": "x", "organization_id": UNKNOWN}, 404),
        ("/user_management/users/user_1/api_keys", {"name": "x", "organization_id": ENGINES}, 404),
        ("/api_keys/api_key_1/expire", {}, 404),
    ],
)
@pytest.mark.matrix
def test_what_workos_refuses_is_refused(path: str, body: object, status: int, api: Api) -> None:
    assert api.http.post(path, json=body).status_code == status


def test_without_the_environments_key_nothing_is_said_about_any(api: Api, seed: Seed) -> None:
    ci = value(seed, "CI")
    answers = [
        api.http.post("/api_keys/validations", json={"value": ci}, headers={"authorization": header})
        for header in ("", "Bearer sk_test_of_another", f"Bearer {ci}")
    ]

    assert {answer.status_code for answer in answers} == {401}
