"""`make init`: a project gets its name in the four files that carry one, and the rest follows from them."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app.authoring import Identity
from infra.deploy.deployment import read_deployment
from infra.project.init import init
from infra.project.rename import IDENTITY, PROJECT, README, STAGES, Rename, RenameRefused, check_name, guess_title
from tests.blocks import ROOT, blocks
from tests.deploy.cloudformation import load_template

FILES = (IDENTITY, STAGES, PROJECT, README)
NAME_LINE = re.compile(r"^name = .*$", re.MULTILINE)
IDENTITY_TEXT = """\
from app.authoring import Identity

IDENTITY = Identity(
    name="workos-mcp-lambda",
    version="0.1.0",
    title="WorkOS MCP on Lambda",
    description="Tools of workos-mcp-lambda.",
)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files that carry the name, as the template has them."""
    (tmp_path / "app").mkdir()
    (tmp_path / IDENTITY).write_text(IDENTITY_TEXT)
    stages = (ROOT / "tests/fixtures/samconfig.toml").read_text()
    (tmp_path / STAGES).write_text(stages.replace('["Stage=', '["AppName=workos-mcp-lambda", "Stage='))
    (tmp_path / PROJECT).write_text(
        NAME_LINE.sub('name = "workos-mcp-lambda"', (ROOT / PROJECT).read_text(), count=1)
    )
    (tmp_path / README).write_text("# workos-mcp-lambda\n\nA template.\n")
    return tmp_path


def read_all(project: Path) -> dict[str, str]:
    return {file: (project / file).read_text() for file in FILES}


def read_identity(project: Path) -> Identity:
    names: dict[str, Identity] = {}
    exec((project / IDENTITY).read_text(), names)  # noqa: S102 - written above
    return names["IDENTITY"]


def test_the_page_shows_what_is_printed(project: Path) -> None:
    # Without the numbers of lines, which differ in a team's own files.
    (page,) = (block for block in blocks("text", "docs/make-it-yours.md") if block.startswith("This project was"))
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    printed = init(project, "acme-tools", {"FORCE": "1"})

    without_numbers = [re.sub(r":\d+ +", ": ", text.strip()) for text in (page, printed)]
    assert without_numbers[0] == without_numbers[1]


def test_identity_stages_project_and_readme_get_the_name(project: Path) -> None:
    text = init(project, "acme-tools", {})

    identity = read_identity(project)
    assert (identity.name, identity.title) == ("acme-tools", "Acme Tools")
    assert identity.description == "Tools of workos-mcp-lambda."
    assert tomllib.loads((project / PROJECT).read_text())["project"]["name"] == "acme-tools"
    assert (project / README).read_text() == "# acme-tools\n\nA template.\n"
    for stage in ("dev", "prod"):
        deployment = read_deployment({"STAGE": stage}, project / STAGES)
        assert deployment.app_name == "acme-tools"
        assert deployment.stack_name == deployment.s3_prefix == f"acme-tools-{stage}"
        assert f'"app=acme-tools", "stage={stage}"' in (project / STAGES).read_text()
    assert "workos-mcp-lambda" not in (project / STAGES).read_text()
    assert [line.strip() for line in text.splitlines()[-3:]] == [
        'git init && git add --all && git commit --all --message "Name the project acme-tools"',
        "make test",
        "make dev",
    ]


def test_each_changed_line_is_shown_with_its_place(project: Path) -> None:
    before = read_all(project)

    lines = Rename.plan(project, "acme-tools").lines

    assert read_all(project) == before
    assert {line.file for line in lines} == set(FILES)
    init(project, "acme-tools", {})
    for line in lines:
        assert (project / line.file).read_text().splitlines()[line.number - 1].strip() == line.text


def test_the_same_name_again_changes_nothing(project: Path) -> None:
    init(project, "acme-tools", {})
    before = read_all(project)

    assert "already" in init(project, "acme-tools", {})
    assert read_all(project) == before


def test_after_a_failure_it_finishes_what_is_left(project: Path) -> None:
    identity = project / IDENTITY
    renamed = Rename.plan(project, "acme-tools")
    identity.unlink()
    identity.mkdir()

    with pytest.raises(IsADirectoryError):
        renamed.write()
    identity.rmdir()
    identity.write_text(IDENTITY_TEXT)
    init(project, "acme-tools", {})

    assert (project / README).read_text().startswith("# acme-tools\n")
    assert (read_identity(project).name, "workos" in (project / STAGES).read_text()) == ("acme-tools", False)


def test_another_name_gives_the_files_that_it_would_have_given_at_first(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, again := tmp_path / "again")
    init(project, "acme-mcp", {})

    init(again, "first", {})
    init(again, "acme-mcp", {})

    assert read_all(again) == read_all(project)
    assert read_identity(again).title == "Acme MCP"


def test_what_a_team_chose_by_hand_stays(project: Path) -> None:
    for file, old, new in (
        (IDENTITY, "WorkOS MCP on Lambda", "Reports for everybody"),
        (STAGES, '"workos-mcp-lambda-prod"', '"reports-live"'),
        (README, "# workos-mcp-lambda", "# Our tools"),
    ):
        (project / file).write_text((project / file).read_text().replace(old, new))

    init(project, "acme-tools", {})

    assert read_identity(project).title == "Reports for everybody"
    assert read_deployment({"STAGE": "prod"}, project / STAGES).stack_name == "reports-live"
    assert (project / README).read_text().startswith("# Our tools\n")


@pytest.mark.parametrize(
    "name", ["", "a", "Acme", "acme_tools", "1acme", "acme-", "-acme", "aws-tools", "ssm-tools", "a b", "a" * 41]
)
def test_a_name_that_aws_or_python_would_refuse_is_refused_with_the_rule(name: str, project: Path) -> None:
    before = read_all(project)

    with pytest.raises(RenameRefused, match=r"2 to 40 lower-case letters.*make init NAME=acme-tools"):
        init(project, name, {"FORCE": "1"})
    assert read_all(project) == before


@pytest.mark.parametrize("name", ["ab", "acme-tools", "a" * 40, "my-mcp-2"])
def test_a_name_that_is_accepted_is_one_for_the_template_and_for_clients(name: str) -> None:
    pattern = load_template()["Parameters"]["AppName"]["AllowedPattern"]

    assert check_name(name) == name
    assert re.fullmatch(pattern, name)
    assert Identity(name=name, version="1", title=guess_title(name)).name == name
    assert len(f"{name}-{'s' * 16}") <= 64


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        (IDENTITY, '    name="workos-mcp-lambda",\n', 'app/identity.py has no line name="..."'),
        (STAGES, "AppName=", 'samconfig.toml has no line "AppName=..."'),
        (PROJECT, 'name = "', 'pyproject.toml has no line name = "..."'),
    ],
)
def test_a_file_without_a_line_for_the_name_is_named_and_no_file_is_written(
    file: str, line: str, said: str, project: Path
) -> None:
    (project / file).write_text(re.sub(re.escape(line), "", (project / file).read_text()))
    before = read_all(project)

    with pytest.raises(RenameRefused, match=re.escape(said)):
        init(project, "acme-tools", {})
    assert read_all(project) == before


def test_a_file_that_is_missing_is_named(project: Path) -> None:
    (project / STAGES).unlink()

    with pytest.raises(RenameRefused, match=r"samconfig\.toml cannot be read"):
        init(project, "acme-tools", {})


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Team", "-c", "user.email=team@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_uncommitted_changes_are_not_mixed_with_the_new_name_unless_forced(project: Path) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "A version")
    (project / "note.txt").write_text("git does not know this file, and nothing overwrites it")
    (project / README).write_text("# workos-mcp-lambda\n\nMine.\n")
    before = read_all(project)

    with pytest.raises(RenameRefused, match=r"uncommitted changes here \(README\.md\).*FORCE=1"):
        init(project, "acme-tools", {})
    assert read_all(project) == before
    assert '  git commit --all --message "Name the project acme-tools"' in init(
        project, "acme-tools", {"FORCE": "1"}
    )
    assert (project / README).read_text() == "# acme-tools\n\nMine.\n"
    # The tree is not clean now either, and there is nothing to write.
    assert "already" in init(project, "acme-tools", {})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["NAME=Acme Tools"], "NAME is 'Acme Tools': give 2 to 40"),
        (["NAME=it's; exit 0; '"], "NAME is \"it's; exit 0; '\": give 2 to 40"),
        ([], "NAME is not set: give 2 to 40"),  # the NAME of the shell is the name of a machine
    ],
    ids=["capitals", "quotes", "shell"],
)
def test_make_init_says_what_is_wrong_in_one_line(arguments: list[str], said: str) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    ran = subprocess.run(
        ["make", "init", f"PYTHON={sys.executable}", *arguments],
        cwd=ROOT,
        env={**own, "NAME": "my-laptop"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 2
    assert ran.stderr.splitlines()[0].startswith(said)
    assert "Traceback" not in ran.stderr
