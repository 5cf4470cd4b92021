"""A team's copy of this repository: made, edited in every place that is a team's, merged with a later upstream."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.blocks import ROOT
from tests.upgrade.page import apply_page

TOOL = '''
"""A team's tool, with a package, a setting, shared code and a line that no test reaches."""

import jinja2

from app.authoring import CurrentSession, permission, scope, tool
from app.shared.report_names import report_name
from app.shared.settings import CurrentTeamSettings


@tool(title="Team report", requires=[permission("team:read"), scope("team")])
async def team_report(quarter: str, session: CurrentSession, settings: CurrentTeamSettings) -> str:
    """Read a report of the team."""
    if quarter == "never":
        return "untested"
    template = jinja2.Template("{{ name }} at {{ url }}")
    text: str = template.render(name=report_name(quarter), url=settings.reports_url)
    return text
'''
WORK = '''
"""A team's tool that works in the background."""

from app.authoring import CurrentWork, permission, tool


@tool(title="Team export", requires=permission("team:read"), background=True)
async def team_export(quarter: str, work: CurrentWork) -> str:
    """Export a report of the team. It takes some minutes."""
    await work.say("Exporting")
    return await work.step("export", export, quarter)


async def export(quarter: str) -> str:
    """Ask the system that exports."""
    return f"exported {quarter}"
'''
PROMPT = '''
"""A team's prompt."""

from app.authoring import prompt


@prompt(title="Team prompt")
async def team_prompt(topic: str) -> str:
    """Talk about a topic of the team."""
    return f"Let us talk about {topic}."
'''
RESOURCE = '''
"""A team's protected resource template."""

from app.authoring import permission, resource


@resource("team://{name}", title="Team page", requires=permission("team:read"))
async def team_page(name: str) -> str:
    """Read a page of the team."""
    return name
'''
SHARED = '''
"""What the team's tools share."""


def report_name(quarter: str) -> str:
    """The name of a report."""
    return f"Report {quarter}"
'''
TEST = '''
"""A team's own test."""

import asyncio

from app.authoring import Work, make_session
from app.authoring.testing import CallAs, as_user
from app.shared.settings import TeamSettings
from app.tools.team_export import team_export
from app.tools.team_report import team_report


def test_the_report_has_its_name_and_place() -> None:
    settings = TeamSettings.model_validate({"reports_url": "https://reports.example.com"})

    said = asyncio.run(team_report("q1", make_session(), settings))

    assert said == "Report q1 at https://reports.example.com/"


def test_the_export_says_how_far_it_is() -> None:
    work = Work()

    assert asyncio.run(team_export("q1", work)) == "exported q1"
    assert work.messages == ["Exporting"]


def test_a_caller_gets_the_export(call_as: CallAs) -> None:
    assert call_as(as_user(permissions={"team:read"})).call("team_export", quarter="q1") == "exported q1"
'''


LATER = """\
  Later:
    Type: String
    Default: a
    Description: A later version has it.
    AllowedValues: [a, b]
    ConstraintDescription: a or b."""


def copy_repository(folder: Path) -> Path:
    """The files that git has or would take, in a repository of one commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "A version")
    return folder


def clone(upstream: Path, folder: Path) -> Path:
    """A team's clone, with the environment of this checkout."""
    git(upstream, "clone", "--quiet", str(upstream), str(folder))
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """What git printed; its failure is the test's."""
    who = ("-c", "user.name=Team", "-c", "user.email=team@example.com", "-c", "commit.gpgsign=false")
    ran = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def edit_as_a_team(folder: Path) -> None:
    """Every step of docs/make-it-yours.md, and one file more in each folder."""
    for name, text in {
        "app/tools/team_report.py": TOOL,
        "app/tools/team_export.py": WORK,
        "app/prompts/team_prompt.py": PROMPT,
        "app/resources/team_page.py": RESOURCE,
        "app/shared/report_names.py": SHARED,
        "tests/mine/test_team_report.py": TEST,
    }.items():
        (folder / name).write_text(text.lstrip("\n"))
    make_init(folder, "acme-tools", FORCE="1")
    apply_page(folder)
    replace(folder / "app/identity.py", 'version="[^"]*"', 'version="7.0.0"')
    replace(folder / "infra/local/seed.toml", '"reports:write"', '"reports:write", "team:read"')
    lock_package(folder)


def make_init(folder: Path, name: str, **variables: str) -> str:
    """What `make init` printed in a shell that has no environment of Python yet."""
    # MAKEFLAGS of a `make test` around this would pass its variables on.
    shell = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "PYTHON"))}
    command = ["make", "--silent", "init", f"NAME={name}", f"PYTHON={sys.executable}"]
    ran = subprocess.run(
        command, cwd=folder, env={**shell, **variables}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def lock_package(folder: Path) -> None:
    """What `make lock` writes for Jinja2, which the tests' environment has."""
    locked = (folder / "requirements/dev.txt").read_text()
    app = folder / "requirements/app.txt"
    for name in ("jinja2", "markupsafe"):
        (entry,) = re.findall(rf"^{name}==.*?(?=^[a-z])", locked, flags=re.MULTILINE | re.DOTALL)
        if f"\n{name}==" not in app.read_text():
            app.write_text(app.read_text() + entry)


def replace(file: Path, pattern: str, text: str) -> None:
    """Replace what must be there."""
    changed, count = re.subn(pattern, text, file.read_text(), flags=re.MULTILINE)
    assert count, f"{file.name} has no {pattern}"
    file.write_text(changed)


def change_as_upstream(folder: Path) -> None:
    """A later version: it touches the server, its documents, its template, its packages and an example."""
    later = (ROOT / "examples/tools/my_profile.py").read_text().replace("my_profile", "later_example")
    (folder / "examples/tools/later_example.py").write_text(later)
    for name in ("app/application.py", "app/handler.py", "app/settings.py", "app/authoring/__init__.py"):
        with (folder / name).open("a") as file:
            file.write("\n# A later version.\n")
    replace(folder / "pyproject.toml", '^version = "[^"]*"', 'version = "9.9.9"')
    replace(folder / "pyproject.toml", '^    "workos>=.*$', '    "workos>=10.6,<11",\n    "zstandard>=0.25",')
    replace(folder / "template.yaml", "^Parameters:$", f"Parameters:\n{LATER}")
    replace(folder / "pyproject.toml", '^description = "', 'description = "Later: ')
    # Beside the lines that `make init` writes.
    replace(folder / "README.md", r"^(# .*\n\n)", r"\1Later. ")
    replace(folder / "README.md", "^## Deploy$", "A later version says more.\n\n## Deploy")
    replace(folder / "CHANGELOG.md", r"\A", "A later version.\n\n")


def run_python(folder: Path, *arguments: str) -> str:
    """What a Python program printed there."""
    ran = subprocess.run(
        [str(folder / ".venv/bin/python"), *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-3000:]
    return ran.stdout
