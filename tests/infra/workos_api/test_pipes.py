"""Connected accounts through the SDK: tokens, addresses to connect one, and what the stand-in refuses."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from workos import BadRequestError, NotFoundError, UnprocessableEntityError

from infra.local.authkit.state_file import StateError
from infra.local.pipes.pipes import CONNECTING_SECONDS, Pipes
from infra.local.pipes.provider_tokens import ACCESS_TOKEN_SECONDS
from tests.infra.workos_api.rig import ADA, ENGINES, GRACE, UNKNOWN, Api

pytestmark = pytest.mark.broad

RETURN_TO = "https://mcp.example.com/connected"


def token(api: Api, provider: str = "github", user: str = ADA, **more: Any) -> Any:
    return api.ask(lambda workos: workos.pipes.get_access_token(provider, user_id=user, **more))


def authorize(api: Api, provider: str = "github", user: str = ADA, **more: Any) -> Any:
    given = {"return_to": RETURN_TO, **more}
    return api.ask(lambda workos: workos.pipes.authorize_data_integration(provider, user_id=user, **given))


def test_what_is_not_connected_has_no_token(api: Api) -> None:
    answer = token(api)

    assert (answer.active, answer.access_token, answer.error.value) == (False, None, "not_installed")


def test_a_connected_account_has_a_token_with_its_scopes_and_its_end(api: Api) -> None:
    account = api.pipes.connect("github", ADA, None)

    given = token(api).access_token
    end = datetime.fromtimestamp(api.clock() + ACCESS_TOKEN_SECONDS, UTC)
    assert (given.access_token, given.scopes, given.missing_scopes) == (
        account.access_token,
        ["read:user", "repo"],
        [],
    )
    assert abs((given.expires_at - end).total_seconds()) < 0.01


def test_an_account_belongs_to_one_user_in_one_organisation(api: Api) -> None:
    api.pipes.connect("github", GRACE, ENGINES)

    assert token(api, user=GRACE, organization_id=ENGINES).active
    assert not token(api, user=GRACE).active
    assert not token(api, user=ADA, organization_id=ENGINES).active


def test_an_account_of_an_organisation_is_its_members(api: Api) -> None:
    api.pipes.connect("slack", ADA, ENGINES)
    shared = {"organization_id": ENGINES, "connection_owner": "organization"}

    assert token(api, "slack", **shared).access_token == token(api, "slack", GRACE, **shared).access_token
    with pytest.raises(BadRequestError):
        token(api, "slack", "user_01LOCALKATHERINEJOHNSON00", **shared)
    with pytest.raises(NotFoundError):
        token(api, "slack", organization_id=ENGINES)
    with pytest.raises(UnprocessableEntityError):
        token(api, "slack", connection_owner="organization")


def test_an_expired_token_is_refreshed(api: Api) -> None:
    account = api.pipes.connect("github", ADA, None)
    api.clock.now += ACCESS_TOKEN_SECONDS

    renewed = token(api).access_token.access_token
    assert renewed != account.access_token
    assert api.pipes.tokens.find("github", renewed) is not None
    assert api.pipes.tokens.find("github", account.access_token) is None


def test_workos_learns_of_a_revocation_when_it_refreshes(api: Api) -> None:
    account = api.pipes.connect("github", ADA, None)
    assert api.pipes.tokens.revoke("github", "ada-l") == 1

    assert token(api).access_token.access_token == account.access_token
    assert api.pipes.tokens.find("github", account.access_token) is None
    api.clock.now += ACCESS_TOKEN_SECONDS
    assert [token(api).error.value, token(api).error.value] == ["needs_reauthorization"] * 2


def test_a_deleted_account_is_gone_and_the_provider_is_not_told(api: Api) -> None:
    account = api.pipes.connect("github", ADA, None)

    api.ask(lambda workos: workos.pipes.delete_user_connected_account(ADA, "github"))

    assert token(api).error.value == "not_installed"
    assert api.pipes.tokens.find("github", account.access_token) is not None
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.pipes.delete_user_connected_account(ADA, "github"))


def test_an_address_has_a_state_and_can_be_used_for_ten_minutes(api: Api) -> None:
    answer = authorize(api)

    assert answer.url == f"{api.url}/pipes/confirm?state={answer.state}"
    assert api.pipes.connecting.get(answer.state) is not None
    api.clock.now += CONNECTING_SECONDS
    assert api.pipes.connecting.get(answer.state) is None


def test_a_connection_is_renewed_by_its_id(api: Api) -> None:
    account = api.pipes.connect("github", ADA, None)
    shown = api.ask(lambda workos: workos.pipes.get_user_connected_account(ADA, "github"))
    assert (shown.id, shown.state.value, shown.account_identifier) == (account.id, "connected", "ada-l")

    assert authorize(api, connection_intent="reauthorize", connected_account_id=shown.id).url
    with pytest.raises(NotFoundError):
        authorize(api, connection_intent="reauthorize", connected_account_id="data_installation_1")
    with pytest.raises(NotFoundError):
        token(api, connected_account_id="data_installation_1")


@pytest.mark.matrix
@pytest.mark.parametrize(
    "wrong",
    [
        {"connection_intent": "reauthorize"},
        {"connected_account_id": "data_installation_1"},
        {"connection_intent": "add"},
        {"connection_owner": "team"},
        {"return_to": "http://mcp.example.com/connected"},
        {"return_to": "javascript:alert(1)"},
        {"code_challenge": "x" * 43},
    ],
    ids=" ".join,
)
def test_what_workos_or_the_stand_in_does_not_take_is_refused(wrong: dict[str, str], api: Api) -> None:
    with pytest.raises(UnprocessableEntityError):
        authorize(api, **wrong)


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("provider", "user", "more", "refused"),
    [
        ("carrier-pigeon", ADA, {}, NotFoundError),
        ("github", "user_1", {}, NotFoundError),
        ("github", ADA, {"organization_id": UNKNOWN}, BadRequestError),
    ],
)
def test_unknown_things_are_refused(
    provider: str, user: str, more: dict[str, str], refused: type[Exception], api: Api
) -> None:
    for ask in (token, authorize):
        with pytest.raises(refused):
            ask(api, provider, user, **more)


def test_the_list_has_every_provider(api: Api) -> None:
    api.pipes.connect("github", ADA, None)

    listed = api.ask(lambda workos: workos.pipes.list_user_data_providers(ADA))
    states = {row.slug: row.connected_account and row.connected_account.state.value for row in listed.data}
    assert states == {"github": "connected", "notion": None, "slack": None}
    assert [row.connection_owner.value for row in listed.data] == ["user", "user", "organization"]
    assert api.http.get(f"/user_management/users/{ADA}/data_providers?limit=1").status_code == 422


def test_what_is_connected_survives_a_restart(api: Api, tmp_path: Path) -> None:
    first = Pipes.read(api.seed, tmp_path, api.clock)
    account = first.connect("github", ADA, ENGINES)

    again = Pipes.read(api.seed, tmp_path, api.clock)
    assert again.accounts.find("github", account.owner) == account
    assert again.tokens.find("github", account.access_token) == first.tokens.find("github", account.access_token)


@pytest.mark.matrix
@pytest.mark.parametrize(("name", "rows"), [("connected-accounts", "accounts"), ("provider-tokens", "tokens")])
@pytest.mark.parametrize(
    "row", ["{}", "7", '{"id": 7, "owner": {}}', '{"provider": 7, "login": "", "access_token": ""}']
)
def test_a_damaged_file_is_named(name: str, rows: str, row: str, api: Api, tmp_path: Path) -> None:
    tmp_path.joinpath(f"{name}.json").write_text(f'{{"{rows}": [{row}]}}')

    with pytest.raises(StateError, match=rf"{name}\.json is damaged"):
        Pipes.read(api.seed, tmp_path, api.clock)


def test_a_provider_that_the_seed_lacks_cannot_be_connected(api: Api) -> None:
    with pytest.raises(ValueError, match="no data provider 'linear'"):
        api.pipes.connect("linear", ADA, None)
