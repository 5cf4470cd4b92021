"""`make connections`, against the local WorkOS: a client logs in there, is listed, and ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.workos import create_workos
from infra.operator.connections import main
from infra.operator.user_connections import Client
from tests.e2e.stack import Late
from tests.infra.authkit.rig import ADA, GRACE, RESOURCE, AuthKit, Clock
from tests.infra.operator.site import Canned, Site

Printed = pytest.CaptureFixture[str]
USER = "user_01LOCALADALOVELACE0000000"
USERS = f"/user_management/users/{USER}"


@pytest.fixture(scope="module")
def workos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthKit]:
    """The AuthKit of `make dev` and the WorkOS API beside it."""
    folder, clock = tmp_path_factory.mktemp("workos"), Clock()
    late = Late()
    server = LoopbackServer(late)
    late.app = create_workos(load_seed(), issuer=server.url, state_dir=folder, resources=(RESOURCE,), clock=clock)
    with server, httpx2.Client(base_url=server.url, trust_env=False) as http:
        yield AuthKit(http, server.url, folder, clock)


@pytest.fixture
def connected(workos: AuthKit, capsys: Printed) -> AuthKit:
    """Ada let in one client, by one login; what other tests left is gone."""
    ask(workos, REVOKE="all", APPLY="1")
    capsys.readouterr()
    workos.new_client(client_name="Cursor")
    return workos


def ask(workos: AuthKit, **variables: str) -> int:
    key = load_seed().environment.api_key
    given = {"WORKOS_BASE_URL": workos.issuer, "WORKOS_API_KEY": key, "USER_EMAIL": ADA, **variables}
    return main(given)


def words(printed: Printed) -> str:
    return " ".join(printed.readouterr().out.split())


def shown(workos: AuthKit, printed: Printed, **variables: str) -> dict[str, list[dict[str, str]]]:
    assert ask(workos, JSON="1", **variables) == 0
    found: dict[str, list[dict[str, str]]] = json.loads(printed.readouterr().out)
    return found


def test_what_a_user_let_in_is_listed(connected: AuthKit, capsys: Printed) -> None:
    connected.tokens()

    assert ask(connected) == 0

    printed = words(capsys)
    assert f"Ada Lovelace <{ADA}> {USER}" in printed
    assert f"Cursor {connected.client_id} openid profile email offline_access 20" in printed
    assert "Sessions of the user began (UTC) by address browser id" in printed
    assert "password 127.0.0.1 python-httpx2" in printed


@pytest.mark.parametrize("apply", ["", "0", "no"])
def test_a_dry_run_ends_nothing(apply: str, connected: AuthKit, capsys: Printed) -> None:
    answer = connected.tokens()

    assert ask(connected, REVOKE="all", APPLY=apply) == 0

    printed = words(capsys)
    assert "CHANGE revoke would end Cursor (conn_app_" in printed
    assert "Nothing was changed. The same command with APPLY=1 does it." in printed
    assert connected.refresh(answer["refresh_token"]).status_code == 200


def test_one_client_ends_and_the_others_stay(connected: AuthKit, capsys: Printed) -> None:
    cursor, answer = connected.client_id, connected.tokens()
    claude = connected.new_client(client_name="Claude")
    connected.tokens()

    assert ask(connected, REVOKE=cursor, APPLY="1") == 0

    printed = words(capsys)
    assert "CHANGE revoke ended Cursor" in printed
    assert "Access tokens that were issued already work until they expire" in printed
    found = shown(connected, capsys)
    assert [each["client_id"] for each in found["clients"]] == [claude]
    assert len(found["sessions"]) == 2
    assert connected.refresh(answer["refresh_token"], client_id=cursor).status_code == 400


def test_all_ends_every_consent_and_every_session_of_this_user_alone(connected: AuthKit, capsys: Printed) -> None:
    theirs, _ = connected.tokens(GRACE), connected.tokens()

    assert ask(connected, USER_EMAIL="", USER_ID=USER, REVOKE="all", APPLY="1") == 0
    capsys.readouterr()

    found = shown(connected, capsys)
    assert (found["clients"], found["sessions"]) == ([], [])
    assert connected.refresh(theirs["refresh_token"]).status_code == 200
    assert ask(connected, REVOKE="all", APPLY="1") == 0
    printed = words(capsys)
    assert "The user let no client in. The user has no session." in printed
    assert "there is nothing to end" in printed


def test_one_session_ends_by_its_id(connected: AuthKit, capsys: Printed) -> None:
    connected.tokens()
    (session,) = shown(connected, capsys)["sessions"]

    assert ask(connected, REVOKE=session["id"], APPLY="1") == 0
    capsys.readouterr()

    found = shown(connected, capsys)
    assert (found["sessions"], len(found["clients"])) == ([], 1)


@pytest.mark.parametrize(
    ("variables", "status", "said"),
    [
        ({"USER_EMAIL": "nobody@example.com"}, 2, "WorkOS has no user nobody@example.com"),
        ({"USER_EMAIL": "", "USER_ID": "user_01NOBODY"}, 2, "WorkOS has no user user_01NOBODY"),
        ({"USER_EMAIL": ""}, 2, "give USER_EMAIL=ada@example.com or USER_ID="),
        ({"USER_ID": "user_01"}, 2, "one of them"),
        (
            {"REVOKE": "conn_app_01OTHER", "APPLY": "1"},
            2,
            "names neither a client nor a session of ada@example.com",
        ),
        ({"WORKOS_API_KEY": ""}, 2, "WORKOS_API_KEY is not set"),
        ({"WORKOS_API_KEY": "sk_other"}, 1, "WorkOS refuses the API key (HTTP 401)"),
        ({"WORKOS_BASE_URL": "http://api.example.com"}, 1, "not https"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_fix(
    variables: dict[str, str], status: int, said: str, workos: AuthKit, capsys: Printed
) -> None:
    assert ask(workos, **variables) == status
    printed = capsys.readouterr()
    assert said in printed.err
    assert not {"sk_other", load_seed().environment.api_key} & set((printed.err + printed.out).split())


def test_a_person_is_asked_for_the_key_and_a_file_may_hold_it(
    workos: AuthKit, tmp_path: Path, capsys: Printed
) -> None:
    key = load_seed().environment.api_key
    (tmp_path / "key").write_text(f"{key}\n")
    address = {"WORKOS_BASE_URL": workos.issuer, "USER_EMAIL": ADA}

    assert main(address, lambda _: key) == 0
    assert main({**address, "WORKOS_API_KEY_FILE": str(tmp_path / "key")}) == 0
    assert key not in capsys.readouterr().out


def test_a_failure_stops_no_other_end_and_what_is_gone_already_is_fine(capsys: Printed) -> None:
    rows = [
        {
            "id": "x",
            "granted_scopes": [],
            "application": {"id": f"conn_app_{name}", "client_id": name, "name": name},
        }
        for name in ("broken", "gone", "good")
    ]
    applications = f"{USERS}/authorized_applications"
    with Site() as site:
        site.answers = {
            "GET /user_management/users": page({"id": USER, "email": ADA}),
            f"GET {applications}": page(*rows),
            f"DELETE {applications}/conn_app_broken": Canned(500),
            f"DELETE {applications}/conn_app_good": Canned(204),
            f"GET {USERS}/sessions": page({"id": "session_1", "created_at": "yesterday"}),
            "POST /user_management/sessions/revoke": Canned(200),
        }
        given = {"WORKOS_BASE_URL": site.url, "WORKOS_API_KEY": "sk_hidden", "USER_EMAIL": ADA}

        assert main({**given, "REVOKE": "all", "APPLY": "1"}) == 1

        ended = [json.loads(each.body) for each in site.received if each.method == "POST"]
    printed = words(capsys)
    assert "FAIL revoke broken (conn_app_broken) was not ended: WorkOS is busy" in printed
    assert "gone (conn_app_gone) has ended already" in printed
    assert "ended good (conn_app_good)" in printed
    assert ended == [{"session_id": "session_1"}]


@pytest.mark.parametrize("asked", [{"USER_EMAIL": ADA}, {"USER_ID": USER}], ids=["email", "id"])
def test_another_user_than_the_one_asked_for_keeps_everything(asked: dict[str, str], capsys: Printed) -> None:
    other = {"id": "user_01OTHER", "email": "other@example.com"}
    with Site() as site:
        site.answers = {
            "GET /user_management/users": page(other),
            f"GET {USERS}": Canned(200, other),
        }
        given = {"WORKOS_BASE_URL": site.url, "WORKOS_API_KEY": "sk_hidden", "REVOKE": "all", "APPLY": "1"}

        assert main({**given, **asked}) == 2

        assert [each.method for each in site.received] == ["GET"]
    assert "WorkOS answers with another one: nothing was ended" in capsys.readouterr().err


def page(*rows: object) -> Canned:
    return Canned(200, {"object": "list", "data": rows, "list_metadata": {"before": None, "after": None}})


@pytest.mark.parametrize(
    ("id_", "granted"),
    [
        # The example of the ULID specification.
        ("authorized_connect_app_01ARZ3NDEKTSV4RRFFQ69G5FAV", "2016-07-30 23:54:10"),
        ("authorized_connect_app_01U", ""),
        ("authorized_connect_app_ZZZZZZZZZZ0000000000000000", ""),
        ("", ""),
    ],
)
def test_the_time_of_a_consent_is_read_from_its_id(id_: str, granted: str) -> None:
    assert Client.read({"id": id_}).granted == granted
