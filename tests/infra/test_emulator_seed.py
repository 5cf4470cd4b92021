"""The seed for WorkOS' own emulator has everybody for whom the local AuthKit issues tokens, under the same ids."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.emulator_seed import main, write_emulator_seed
from infra.local.seed.load import load_seed
from infra.local.workos_api_choice import WorkOSApi, choose_workos_api
from tests.blocks import ROOT, blocks


def test_users_and_organisations_keep_their_ids() -> None:
    seed = load_seed()
    written = write_emulator_seed(seed)

    assert [each["id"] for each in written["users"]] == [each.id for each in seed.users]
    assert [each["id"] for each in written["organizations"]] == [each.id for each in seed.organizations]


def test_each_membership_names_a_user_and_a_role_that_are_there() -> None:
    seed = load_seed()
    written = write_emulator_seed(seed)
    emails, roles = {each["email"] for each in written["users"]}, {each["slug"] for each in written["roles"]}
    members = [each for row in written["organizations"] for each in row["memberships"]]  # type: ignore[attr-defined]

    assert len(members) == len(seed.memberships)
    assert {each["email"] for each in members} <= emails
    assert {each["role"] for each in members} <= roles
    owned = [each for each in written["roles"] if "organization_id" in each]
    assert {each["type"] for each in owned} == {"OrganizationRole"}


def test_machines_name_their_organisation_as_the_emulator_does() -> None:
    written = write_emulator_seed(load_seed())
    names = {each["name"] for each in written["organizations"]}

    assert written["connectApplications"]
    assert {each["organization"] for each in written["connectApplications"]} <= names


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(write_emulator_seed(load_seed())))


@pytest.mark.broad
def test_a_seed_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SEED_FILE": str(tmp_path / "none.toml")}
    ran = subprocess.run(
        [sys.executable, "-m", "infra.local.emulator_seed"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "none.toml does not exist" in ran.stderr


def test_the_line_of_the_page_points_make_dev_at_the_emulator() -> None:
    [line] = [each.strip() for each in blocks("sh", "docs/emulator.md") if each.strip().endswith("make dev")]
    shell = dict(word.split("=", 1) for word in line.split()[:2])

    chosen = choose_workos_api(shell, WorkOSApi("http://127.0.0.1:8001", "sk_test_local", is_stand_in=True))
    assert (chosen.url, chosen.key, chosen.is_stand_in) == ("http://127.0.0.1:4100", "sk_test_default", False)
    assert f"`{line}`" in (ROOT / "README.md").read_text()
