"""What survives a restart, and what a damaged file says."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.authkit import StateError
from infra.local.seed.rows import Seed
from tests.infra.authkit.conftest import StartAuthKit

CLIENT: dict[str, object] = {"client_id": "a", "name": "n", "secret_sha256": None, "scopes": None}
CLIENT |= {"redirect_uris": [], "grant_types": [], "auth_methods": []}
CONSENT = {"sid": "s", "client_id": "c", "user_id": "u", "organization_id": None, "scope": "", "resource": None}
AUTHORIZATION: dict[str, object] = {"id": "a", "user_id": "u", "client_id": "c", "name": "n", "resource": None}
AUTHORIZATION |= {"redirect_uris": [], "scopes": [], "sids": [], "granted_at": 1}
FAMILY: dict[str, object] = {"audience": "a", "current_sha256": "b", "used_at": 1, "consent": CONSENT}


def test_a_connected_client_survives_a_restart(start: StartAuthKit) -> None:
    before = start()
    answer = before.tokens()
    after = start()
    after.client_id = before.client_id
    assert after.verifies(answer["access_token"])
    assert after.refresh(answer["refresh_token"]).status_code == 200
    assert after.exchange(after.login()["code"]).status_code == 200


def test_reuse_is_noticed_and_revocation_kept_across_a_restart(start: StartAuthKit) -> None:
    before = start()
    answer = before.tokens()
    newer = before.refresh(answer["refresh_token"]).json()
    after = start()
    after.client_id = before.client_id
    assert after.refresh(answer["refresh_token"]).status_code == 400
    again = start()
    again.client_id = before.client_id
    assert again.refresh(newer["refresh_token"]).status_code == 400
    assert again.introspect(newer["access_token"]).json() == {"active": False}


def test_rotated_keys_survive_in_their_order(start: StartAuthKit) -> None:
    authkit = start()
    authkit.hook("signing-keys/rotate", {"keep_old": True})
    kids = authkit.published_kids()
    assert start().published_kids() == kids
    assert len(kids) == 2


def test_a_key_that_somebody_else_has_deleted_does_not_stop_a_rotation(start: StartAuthKit) -> None:
    authkit = start()
    (authkit.state_dir / "signing-key-0001.pem").unlink()
    answer = authkit.hook("signing-keys/rotate", {"keep_old": False})
    assert answer.json()["published"] == authkit.published_kids()


def test_a_consent_ends_with_its_user_and_its_membership(start: StartAuthKit, seed: Seed) -> None:
    before = start()
    token = before.tokens()["refresh_token"]
    for later in (replace(seed, memberships=()), replace(seed, users=seed.users[1:])):
        after = start(seed=later)
        after.client_id = before.client_id
        assert after.refresh(token).json()["error"] == "invalid_grant"
    assert start().refresh(token, client_id=before.client_id).status_code == 200


def test_no_file_can_be_read_by_others_or_holds_a_usable_secret(start: StartAuthKit) -> None:
    authkit = start()
    answer = authkit.tokens()
    files = list(authkit.state_dir.iterdir())
    assert {file.name for file in files} == {
        "signing-key-0001.pem",
        "clients.json",
        "refresh-tokens.json",
        "authorizations.json",
    }
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert answer["refresh_token"].partition(".")[2] not in file.read_text(encoding="utf-8")


def test_a_key_with_the_certificate_of_another_is_damaged(start: StartAuthKit, state_dir: Path) -> None:
    start().hook("signing-keys/rotate", {"keep_old": True})
    first, second = (state_dir / f"signing-key-000{number}.pem" for number in (1, 2))
    mark = "-----BEGIN CERTIFICATE-----"
    private = first.read_text(encoding="ascii").partition(mark)[0]
    first.write_text(private + mark + second.read_text(encoding="ascii").partition(mark)[2], encoding="ascii")
    with pytest.raises(StateError, match="its certificate is for another key"):
        start()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("authorizations.json", '{"authorizations": 3}'),
        ("authorizations.json", '{"authorizations": [{"id": "x"}]}'),
        ("authorizations.json", json.dumps({"authorizations": [AUTHORIZATION | {"sids": "x"}]})),
        ("authorizations.json", json.dumps({"authorizations": [AUTHORIZATION | {"name": 1}]})),
        ("authorizations.json", json.dumps({"authorizations": [AUTHORIZATION | {"granted_at": "now"}]})),
        ("clients.json", "{"),
        ("clients.json", "[]"),
        ("clients.json", '{"client_01": {"name": "x"}}'),
        ("clients.json", '{"client_01": 3}'),
        ("clients.json", '{"a":' * 100_000),
        ("clients.json", '{"\\ud800": {}}'),
        ("clients.json", json.dumps({"a": CLIENT | {"redirect_uris": "https://a"}})),
        ("clients.json", json.dumps({"a": CLIENT | {"name": 1}})),
        ("refresh-tokens.json", json.dumps({"families": {"a": FAMILY | {"current_sha256": 3}}})),
        ("refresh-tokens.json", json.dumps({"families": {"a": FAMILY | {"used_at": "now"}}})),
        ("refresh-tokens.json", "\x00"),
        ("refresh-tokens.json", '{"families": []}'),
        ("refresh-tokens.json", '{"families": {"a": {"consent": {}}}}'),
        ("refresh-tokens.json", '{"families": {"a": {}}}'),
        ("refresh-tokens.json", '{"revoked": {"a": "soon"}}'),
        ("signing-key-0001.pem", "no key"),
        ("signing-key-0001.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    ],
)
def test_a_damaged_file_is_named_with_its_fix(
    start: StartAuthKit, state_dir: Path, name: str, content: str
) -> None:
    (state_dir / name).write_text(content, encoding="utf-8")
    with pytest.raises(StateError) as refused:
        start()
    assert str(state_dir / name) in str(refused.value)
    assert str(refused.value).endswith("delete it and start again")
