"""`make init NAME=acme-tools`: give the project its name. It needs Python alone, and may run again.

Environment: FORCE=1 goes on although files have changes that are not committed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.project.rename import Rename, RenameRefused

ROOT = Path(__file__).resolve().parents[2]


def init(root: Path, name: str, environment: Mapping[str, str]) -> str:
    """Rename the project in `root`, and return the text for the terminal.

    Raises:
        RenameRefused: the name cannot be used, or git has uncommitted changes here. Then nothing was written.
    """
    renamed = Rename.plan(root, name)
    if not renamed.lines:
        return f"This project is named {name} already: there is nothing to change."
    if environment.get("FORCE") != "1" and (changes := _find_uncommitted_changes(root)):
        raise RenameRefused(
            f"git has uncommitted changes here ({changes[0]}): commit them first, so that you can see and undo "
            "what make init writes. FORCE=1 goes on without that"
        )
    renamed.write()
    return _describe(renamed)


def _find_uncommitted_changes(root: Path) -> list[str]:
    """Files that git knows and that were changed; none where there is no git, or no repository."""
    git = shutil.which("git")
    if git is None:
        return []
    command = [git, "status", "--porcelain", "--untracked-files=no", "--", "."]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return [line[3:] for line in ran.stdout.splitlines()] if ran.returncode == 0 else []


def _describe(renamed: Rename) -> str:
    old, name = renamed.old, renamed.name
    places = [(f"{line.file}:{line.number}", line.text) for line in renamed.lines]
    width = max(len(place) for place, _ in places)
    begin = "" if (renamed.root / ".git").exists() else "git init && git add --all && "
    return "\n".join(
        [
            f"This project was {old} and is {name} now. Changed:",
            *(f"  {place:<{width}}  {text}" for place, text in places),
            "",
            f"On AWS the stage dev is then: function {name}-dev, log /aws/lambda/{name}-dev, secrets /{name}/dev,",
            f"metrics {name}/dev. A stage deployed as {old} stays there: to delete it, go back to that name.",
            "",
            "Next",
            f'  {begin}git commit --all --message "Name the project {name}"',
            "  make test",
            "  make dev",
        ]
    )


def main() -> int:
    try:
        print(init(ROOT, sys.argv[1] if len(sys.argv) > 1 else "", os.environ))
    except RenameRefused as refused:
        print(refused, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
