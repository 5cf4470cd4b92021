"""`make smoke` against the local stack, and against deployments that it has to refuse."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from infra.operator.smoke import main
from tests.blocks import ROOT
from tests.e2e.stack import Stack, running
from tests.infra.operator.minting import MACHINE, Minting
from tests.infra.operator.site import Canned
from tests.infra.operator.world import World, world

pytestmark = pytest.mark.broad

Printed = pytest.CaptureFixture[str]
CREDENTIALS = {"WORKOS_M2M_CLIENT_ID": MACHINE.client_id, "WORKOS_M2M_CLIENT_SECRET": MACHINE.client_secret}


@pytest.fixture(scope="module")
def minting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Minting]:
    folder = tmp_path_factory.mktemp("authkit")
    with running(folder) as stack:
        yield Minting(stack, folder)


@pytest.fixture(scope="module")
def for_machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"ALLOW_MACHINE_TOKENS": "true"}
    with running(tmp_path_factory.mktemp("authkit"), settings=settings, rename_challenge=False) as stack:
        yield stack


@pytest.fixture
def healthy() -> Iterator[World]:
    with world() as healthy:
        yield healthy


def test_a_token_is_used_to_list_the_tools_and_to_ask_who_it_is(minting: Minting, capsys: Printed) -> None:
    token = minting.access()

    assert main({"URL": minting.stack.mcp_url, "TOKEN": token}) == 0
    printed = capsys.readouterr().out
    assert "whoami among them" in printed
    assert "user_01LOCALADALOVELACE0000000, org_01LOCALANALYTICALENGINES00" in printed
    assert token not in printed


def test_a_machine_gets_its_own_token(for_machines: Stack, capsys: Printed) -> None:
    own = {**CREDENTIALS, "WORKOS_AUTHKIT_DOMAIN": for_machines.authkit_url}

    assert main({"URL": for_machines.mcp_url, **own, "STRICT_HEADER": "1"}) == 0
    printed = capsys.readouterr().out
    assert f"whoami                {MACHINE.client_id}" in printed
    assert MACHINE.client_secret not in printed


def test_a_machine_that_may_not_call_is_told_the_setting(minting: Minting, capsys: Printed) -> None:
    own = {**CREDENTIALS, "WORKOS_AUTHKIT_DOMAIN": minting.stack.authkit_url}

    assert main({"URL": minting.stack.mcp_url, **own}) == 1
    printed = capsys.readouterr()
    assert "ALLOW_MACHINE_TOKENS=true" in printed.out
    assert "SMOKE TEST FAILED" in printed.err


def test_wrong_machine_credentials_are_told_as_such(minting: Minting, capsys: Printed) -> None:
    domain = {"WORKOS_AUTHKIT_DOMAIN": minting.stack.authkit_url}
    wrong = {**CREDENTIALS, **domain, "WORKOS_M2M_CLIENT_SECRET": "wrong-secret"}

    assert main({"URL": minting.stack.mcp_url, **wrong}) == 1
    printed = capsys.readouterr().out
    assert "invalid_client" in printed
    assert "wrong-secret" not in printed


def test_without_a_credential_it_says_what_it_could_not_check(minting: Minting, capsys: Printed) -> None:
    assert main({"URL": minting.stack.mcp_url}) == 0
    assert "token, tools/list, whoami: no TOKEN, and no WORKOS_M2M_CLIENT_ID" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_renamed_header_fails_on_request_alone(minting: Minting, capsys: Printed) -> None:
    assert main({"URL": minting.stack.mcp_url, "STRICT_HEADER": "1"}) == 1
    assert "FAIL    challenge-header" in capsys.readouterr().out
    assert main({"URL": minting.stack.mcp_url}) == 0


def test_a_dead_deployment_fails_without_a_traceback() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "infra.operator.smoke"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "URL": "http://127.0.0.1:1/mcp", **CREDENTIALS},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert ran.stderr == "SMOKE TEST FAILED: clients need what is marked FAIL above\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Canned(200, {"jsonrpc": "2.0", "id": 1, "result": {"tools": []}}), "saw tools without it: none"),
        (Canned(200, b"<html>"), "saw HTTP 200: <html>"),
        (Canned(200, {"jsonrpc": "2.0", "id": 1, "error": {"message": "boom"}}), "boom"),
    ],
)
def test_an_answer_that_is_not_as_expected_is_shown(
    answer: Canned, said: str, healthy: World, capsys: Printed
) -> None:
    healthy.server.answers["POST /mcp with token"] = answer

    assert main({"URL": healthy.url, "TOKEN": "e.e.e", "PATIENCE": "2"}) == 1
    assert said in " ".join(capsys.readouterr().out.split())


def test_a_server_without_whoami_is_told_to_put_it_back_not_to_read_its_log(
    healthy: World, capsys: Printed
) -> None:
    result = {"tools": [{"name": "add_note"}, {"name": "search"}]}
    healthy.server.answers["POST /mcp with token"] = Canned(200, {"jsonrpc": "2.0", "id": 1, "result": result})

    assert main({"URL": healthy.url, "TOKEN": healthy.issuer.token(), "PATIENCE": "2"}) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "saw tools without it: add_note, search" in printed
    assert "git checkout -- app/tools/whoami.py" in printed
    assert "whoami: there is no such tool for this caller" in printed
    assert "log group" not in printed


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("GET /.well-known/oauth-protected-resource", "PATIENCE=30"),
        ("GET /.well-known/oauth-protected-resource/mcp", "PATIENCE=30"),
        ("POST /mcp with token", "PATIENCE=30"),
        ("POST /mcp", "timeouts"),
    ],
)
def test_what_does_not_answer_in_time_is_not_taken_for_a_missing_route(
    where: str, said: str, healthy: World, capsys: Printed
) -> None:
    healthy.server.change(where, hangs=True)
    now = int(time.time())
    token = healthy.issuer.token(iat=now, exp=now + 300, aud=healthy.url)

    assert main({"URL": healthy.url, "TOKEN": token, "PATIENCE": "0.5"}) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "no complete answer within 0.5 s" in printed
    assert said in printed
    assert "$default" not in printed


def test_another_callers_answer_fails(healthy: World, capsys: Printed) -> None:
    caller = {"user_id": "user_01MALLORY", "client_id": "client_01CURSOR"}
    result = {"tools": [{"name": "whoami"}], "structuredContent": caller}
    healthy.server.answers["POST /mcp with token"] = Canned(200, {"jsonrpc": "2.0", "id": 1, "result": result})

    assert main({"URL": healthy.url, "TOKEN": healthy.issuer.token(), "PATIENCE": "2"}) == 1
    assert "callers see each other's data" in capsys.readouterr().out


@pytest.mark.parametrize("domain", ["", "acme.authkit.app"])
def test_the_machines_secret_goes_to_the_authkit_that_the_operator_named_alone(
    domain: str, minting: Minting, capsys: Printed
) -> None:
    assert main({"URL": minting.stack.mcp_url, **CREDENTIALS, "WORKOS_AUTHKIT_DOMAIN": domain}) == 1
    assert "the secret stays here" in " ".join(capsys.readouterr().out.split())
