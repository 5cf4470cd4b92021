"""docs/make-it-yours.md and docs/upgrade.md, done: a team's edits leave a later version's checks green."""

import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.deployment import read_deployment
from tests.blocks import ROOT
from tests.deploy.cloudformation import load_template
from tests.upgrade import copy

UPGRADE = ROOT.joinpath("docs/upgrade.md").read_text()
pytestmark = [pytest.mark.broad, pytest.mark.timeout(900)]
SERVE = """
import json, os
from dataclasses import replace
from pathlib import Path

import tests.conftest  # the environment
from app import prompts, resources, tools
from app.identity import IDENTITY
from infra.local.env_file import read_env_file
from tests.rig import SETTINGS, Rig

# As `make dev` gives them to the function.
os.environ.update(read_env_file(Path(".env")))
rig = Rig(
    replace(SETTINGS, serve_examples=True), tools=tools, prompts=prompts, resources=resources, identity=IDENTITY
)
token = rig.issuer.token(permissions=["team:read"], scope="openid team")

def listed(method, key):
    return [each["name"] for each in rig.exchange(method, token=token).json["result"][key]]

print(json.dumps({
    "server": rig.exchange("server/discover").json["result"]["_meta"]["io.modelcontextprotocol/serverInfo"],
    "tools": listed("tools/list", "tools"),
    "prompts": listed("prompts/list", "prompts"),
    "templates": listed("resources/templates/list", "resourceTemplates"),
    "link": rig.call("report_link", {"quarter": "2026-q1"}, token=token)["structuredContent"],
    "report": rig.call("team_report", {"quarter": "q1"}, token=token)["content"][0]["text"],
    "page": rig.exchange("resources/read", {"uri": "team://a"}, token=token).json["result"]["contents"][0]["text"],
    "hidden": "team_report" in str(rig.exchange("tools/list").json),
}))
"""
START = """
import os, sys
from tests.team import ENVIRONMENT
os.environ.clear()
os.environ.update({name: value for name, value in ENVIRONMENT.items() if name not in sys.argv[1:]})
try:
    import app.handler
except Exception as error:
    print(error)
else:
    print("started")
"""
QUICK = (
    # What a team's edits reach: its folders, settings, budgets, stages, people, template and packages.
    *("tests/mine", "tests/test_architecture.py", "tests/test_author_surface.py", "tests/test_catalogue.py"),
    *("tests/test_docs.py", "tests/test_imports.py", "tests/test_import_budget.py", "tests/test_handler.py"),
    *("tests/test_asgi.py", "tests/test_discovery.py", "tests/test_settings.py", "tests/test_team_settings.py"),
    *("tests/protocol/test_described.py", "tests/deploy/test_template.py", "tests/deploy/test_parameters.py"),
    *("tests/deploy/test_deployment.py", "tests/deploy/test_team_template.py", "tests/deploy/test_sources.py"),
    *("tests/infra/authkit/test_seed.py", "tests/infra/workos_api/test_seed.py", "tests/infra/test_new.py"),
    *("tests/infra/test_function_settings.py", "tests/infra/test_start_page.py"),
    # What another name could reach.
    *("tests/infra/project", "tests/test_logs.py", "tests/audit/test_docs.py", "tests/protocol/test_eras.py"),
    *("tests/test_make_it_yours.py", "tests/test_team_secrets.py"),
)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team's copy with all of its edits, after it has taken a later version."""
    base = tmp_path_factory.mktemp("versions")
    (base / "upstream").mkdir()
    upstream = copy.copy_repository(base / "upstream")
    team = copy.clone(upstream, base / "team")
    copy.edit_as_a_team(team)
    copy.commit(team, "What the team needs")
    copy.change_as_upstream(upstream)
    copy.commit(upstream, "A later version")
    copy.git(team, "fetch", "--quiet")
    copy.git(team, "merge", "--no-edit", "origin/main")
    return team


def serve(team: Path, script: str) -> dict[str, Any]:
    """What the script says last, after the lines of the log."""
    said: dict[str, Any] = json.loads(copy.run_python(team, "-c", script).splitlines()[-1])
    return said


def test_the_merge_keeps_the_lines_of_both(team: Path) -> None:
    project = (team / "pyproject.toml").read_text()

    assert 'version = "9.9.9"' in project
    assert 'name = "acme-tools"' in project
    assert 'description = "Later: ' in project
    assert (team / "README.md").read_text().startswith("# acme-tools\n\nLater. ")
    assert 'team = ["jinja2>=3.1"]' in project
    assert copy.git(team, "status", "--porcelain", "--untracked-files=no") == ""


def test_the_merged_copy_serves_what_the_team_and_what_upstream_added(team: Path) -> None:
    served = serve(team, SERVE)

    assert (served["server"]["name"], served["server"]["version"]) == ("acme-tools", "7.0.0")
    assert {"team_report", "team_export", "get_result", "later_example", "whoami"} <= set(served["tools"])
    assert "team_prompt" in served["prompts"]
    assert "team_page" in served["templates"]
    assert (served["report"], served["page"]) == ("Report q1 at https://reports.example.com/", "a")
    assert not served["hidden"]


def test_the_secret_and_the_setting_of_a_developers_own_file_reach_the_tool(team: Path) -> None:
    signature = hmac.new(b"a-key-for-this-machine", b"2026-q1", hashlib.sha256).hexdigest()

    assert serve(team, SERVE)["link"] == {"result": f"https://reports.example.com/2026-q1?signature={signature}"}


def test_the_stage_is_named_and_in_the_vpc_that_the_page_writes(team: Path) -> None:
    deployment = read_deployment({"STAGE": "dev"}, team / "samconfig.toml")

    assert (deployment.app_name, deployment.stack_name) == ("acme-tools", "acme-tools-dev")
    for name in ("AppName", "SubnetIds", "SecurityGroupIds"):
        pattern = load_template()["Parameters"][name]["AllowedPattern"]
        assert re.fullmatch(pattern, deployment.parameters[name])


def test_the_next_version_of_a_copy_without_history_merges_too(tmp_path: Path) -> None:
    """As after Use this template: docs/upgrade.md's command tells git once which version the copy is."""
    (tmp_path / "upstream").mkdir()
    (tmp_path / "team").mkdir()
    upstream, team = copy.copy_repository(tmp_path / "upstream"), copy.copy_repository(tmp_path / "team")
    copy.make_init(team, "acme-tools")
    copy.commit(team, "Name it")
    before = copy.git(team, "rev-parse", "HEAD^{tree}")
    copy.git(team, "remote", "add", "upstream", str(upstream))
    copy.git(team, "fetch", "--quiet", "upstream")

    (command,) = re.findall(r"`git (merge --allow-unrelated-histories[^`]*)`", UPGRADE)
    copy.git(team, *command.split())
    assert copy.git(team, "rev-parse", "HEAD^{tree}") == before
    copy.change_as_upstream(upstream)
    copy.commit(upstream, "A later version")
    copy.git(team, "fetch", "--quiet", "upstream")
    copy.git(team, "merge", "--no-edit", "upstream/main")

    assert (team / "README.md").read_text().startswith("# acme-tools\n\nLater. ")
    assert 'version = "9.9.9"' in (team / "pyproject.toml").read_text()


def test_the_handler_starts_with_the_teams_setting_and_names_it_where_it_is_missing(team: Path) -> None:
    assert copy.run_python(team, "-c", START).strip() == "started"
    said = copy.run_python(team, "-c", START, "REPORTS_URL", "BASE_URL")
    assert "BASE_URL is not set" in said
    assert "REPORTS_URL is not set; set it to your value: where the reports are" in said


def test_without_the_setting_the_merged_copy_serves_no_example(team: Path) -> None:
    without = SERVE.replace("serve_examples=True", "serve_examples=False")

    tools = set(serve(team, without)["tools"])
    assert {"team_report", "report_link", "report_rows"} <= tools
    assert tools.isdisjoint(path.stem for path in (team / "examples/tools").glob("[a-z]*.py"))


def test_the_template_has_what_both_added(team: Path) -> None:
    name = copy.run_python(team, "-m", "infra.deploy.template").strip()

    merged = (team / name).read_text()
    assert {"REPORTS_TABLE:", "Later:", "ReadReports"} <= set(merged.replace("- Sid: ", "").split())


def test_the_checks_pass_after_every_edit_of_the_team(team: Path) -> None:
    copy.run_python(team, "-m", "ruff", "check", "app", "tests/mine")
    copy.run_python(team, "-m", "mypy", "app", "tests/mine")
    printed = copy.run_python(team, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not deploy", *QUICK)

    assert " passed" in printed
    assert " failed" not in printed
