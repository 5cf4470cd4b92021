"""`make provision MACHINE=`: an application for a program, whose secret is handed over once or not made."""

import asyncio
import stat
from pathlib import Path

import httpx2
import pytest

from infra.operator.provision import main
from infra.operator.provisioning.machine import MachineStep, SecretPlace
from infra.operator.provisioning.plan import run_steps
from infra.operator.web import Web
from infra.operator.workos_api import WorkOSApi
from tests.infra.operator.empty_workos import ALL, ENGINES, EmptyWorkOS, seen
from tests.infra.operator.site import Canned, Site

MACHINE = {"MACHINE": "Nightly", "ORG": ENGINES}
NIGHTLY = {"application_type": "m2m", "name": "Nightly", "organization_id": ENGINES}
Printed = pytest.CaptureFixture[str]


def test_a_secret_goes_to_the_terminal_once_and_opens_authkit(workos: EmptyWorkOS) -> None:
    found = workos.provision(**ALL, APPLY="1")[1]
    [shown] = workos.secrets
    names = dict(line.split("=") for line in shown.splitlines())
    secret = names["WORKOS_M2M_CLIENT_SECRET"]

    assert secret not in str(found)
    assert seen(found, "machine")[0][1].endswith(f": WORKOS_M2M_CLIENT_ID={names['WORKOS_M2M_CLIENT_ID']}")
    answer = httpx2.post(
        f"{workos.stack.authkit_url}/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(names["WORKOS_M2M_CLIENT_ID"], secret),
        trust_env=False,
    )
    assert answer.status_code == 200


@pytest.mark.broad
def test_a_secret_goes_to_a_new_file_that_only_its_owner_reads(workos: EmptyWorkOS, tmp_path: Path) -> None:
    file = tmp_path / "machine.secret"
    found = workos.provision(**ALL, APPLY="1", SECRET_FILE=str(file))[1]

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text().strip()) == 64
    assert file.read_text().strip() not in str(found)
    assert workos.secrets == []


def test_a_secret_that_could_not_be_kept_is_not_made(workos: EmptyWorkOS, tmp_path: Path, capsys: Printed) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    lost = {"ONLY": "machine", **ALL, "APPLY": "1"}
    existing = workos.provision(**lost, SECRET_FILE=str(there))
    missing = workos.provision(**lost, SECRET_FILE=str(tmp_path / "no" / "folder"))
    unseen = main({**workos.environment, **lost})

    assert (existing[0], missing[0], unseen) == (1, 1, 1)
    assert "exists already" in existing[1][0]["seen"]
    assert "cannot be made: No such file or directory" in missing[1][0]["seen"]
    assert "there is no terminal to show its secret on" in " ".join(capsys.readouterr().out.split())
    assert there.read_text() == "mine"
    [machine] = [each for each in workos.ask("GET", "/connect/applications")["data"] if each["name"] == "Nightly"]
    assert workos.ask("GET", f"/connect/applications/{machine['id']}/client_secrets") == []


@pytest.mark.broad
def test_a_machine_that_was_left_without_a_secret_gets_one(workos: EmptyWorkOS, tmp_path: Path) -> None:
    file = tmp_path / "machine.secret"
    wanted = {"ONLY": "machine", **ALL, "APPLY": "1", "SECRET_FILE": str(file)}
    workos.provision(**{**wanted, "SECRET_FILE": str(tmp_path / "no" / "folder")})

    changes = workos.changes(**wanted)
    assert changes["machine"][0].startswith("+ a secret for Nightly; the secret goes to")
    assert file.exists()
    assert workos.changes(**wanted) == {}


@pytest.mark.broad
def test_a_secret_that_workos_does_not_make_leaves_no_file(workos: EmptyWorkOS, tmp_path: Path) -> None:
    file = tmp_path / "machine.secret"
    machine = workos.ask("POST", "/connect/applications", NIGHTLY)
    workos.fail(path=f"/connect/applications/{machine['id']}/client_secrets", latency=0.0, count=1)
    workos.fail(path=f"/connect/applications/{machine['id']}/client_secrets", status=500)

    status, found = workos.provision(ONLY="machine", **MACHINE, APPLY="1", SECRET_FILE=str(file))
    assert (status, file.exists()) == (1, False)
    assert found[0]["seen"].startswith("not done: + a secret for Nightly")


@pytest.mark.parametrize(("answer", "why"), [({}, "did not show it"), ({"secret": "s3cret"}, "")])
def test_an_application_of_another_kind_is_not_taken_for_it(answer: object, why: str, tmp_path: Path) -> None:
    """Somebody's OAuth application has the same name, and keeps its secrets to itself."""
    file, made = tmp_path / "machine.secret", {"id": "conn_app_2", "client_id": "client_2"}
    rows = [{"id": "conn_app_1", "client_id": "client_1", "name": "Nightly", "application_type": "oauth"}]
    with Site() as site:
        site.answers = {
            "GET /connect/applications": Canned(200, {"data": rows, "list_metadata": {}}),
            "POST /connect/applications": Canned(201, made),
            "POST /connect/applications/conn_app_2/client_secrets": Canned(201, answer),
        }
        step = MachineStep("Nightly", ENGINES, SecretPlace(str(file), None))
        [finding] = asyncio.run(run_steps(WorkOSApi(Web(), "sk_test", site.url), [step], apply=True))

    assert (why in finding.seen, str(finding.status)) == (True, "fail" if why else "change")
    assert file.exists() is not bool(why)


@pytest.mark.broad
def test_a_machine_needs_an_organisation(workos: EmptyWorkOS) -> None:
    status, found = workos.provision(ONLY="machine", MACHINE="Nightly")

    assert (status, found[0]["fix"]) == (1, "set ORG=org_..., from the dashboard, Organizations")
