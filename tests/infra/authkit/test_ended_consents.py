"""What AuthKit still does after the API ended a user's consent."""

from pathlib import Path

import pytest

from infra.local.authkit.grants import Grants
from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import AuthKit, Clock

USER = "user_01LOCALADALOVELACE0000000"


@pytest.fixture
def grants(state_dir: Path) -> Grants:
    return Grants.read(state_dir, Clock())


@pytest.fixture
def authkit(start: StartAuthKit, grants: Grants) -> AuthKit:
    return start(grants=grants)


def test_a_login_notes_the_application_and_a_session(authkit: AuthKit, grants: Grants) -> None:
    authkit.tokens()

    (noted,) = grants.authorizations.list_for(USER)
    assert (noted.client_id, noted.name) == (authkit.client_id, "Test Client")
    assert len(grants.sessions.list_for(USER)) == 1


def test_an_ended_consent_refreshes_nothing_while_its_access_token_lives_on(
    authkit: AuthKit, grants: Grants
) -> None:
    before, also_before = authkit.tokens(), authkit.tokens()

    assert grants.authorizations.end(USER, authkit.client_id)

    for answer in (before, also_before):
        assert authkit.refresh(answer["refresh_token"]).json()["error"] == "invalid_grant"
        assert authkit.verifies(answer["access_token"])
        assert authkit.introspect(answer["access_token"]).json() == {"active": False}
    assert authkit.refresh(authkit.tokens()["refresh_token"]).status_code == 200


def test_a_code_of_an_ended_consent_becomes_no_token(authkit: AuthKit, grants: Grants) -> None:
    code = authkit.login()["code"]

    grants.authorizations.end(USER, authkit.client_id)

    refused = authkit.exchange(code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_what_a_user_let_in_survives_a_restart(authkit: AuthKit, grants: Grants, state_dir: Path) -> None:
    authkit.tokens()

    again = Grants.read(state_dir, Clock())

    assert again.authorizations.list_for(USER) == grants.authorizations.list_for(USER)
    assert again.authorizations.end(USER, authkit.client_id)
    assert not again.authorizations.end(USER, authkit.client_id)
