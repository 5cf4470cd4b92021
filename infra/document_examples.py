"""Check the examples of the documents as if a team had saved them: `make lint` runs this after its own checks.

An example is a Python block whose first line names its file (`# app/tools/greet.py`).
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_EXAMPLE = re.compile(r"^```python\n# (?P<file>app/[a-z_/]+\.py)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


class TwoExamples(Exception):
    """Two documents give different content to one file; the message names it."""


def find_examples(pages: list[Path]) -> dict[str, str]:
    """The code of each example by the name of its file.

    Raises:
        TwoExamples: see there.
    """
    found: dict[str, str] = {}
    for page in pages:
        for example in _EXAMPLE.finditer(page.read_text(encoding="utf-8")):
            if found.setdefault(example["file"], example["code"]) != example["code"]:
                raise TwoExamples(f"{example['file']} is in the documents twice, with different content")
    return found


def check(examples: dict[str, str]) -> int:
    """The exit status of the first check that fails, after its own words; 0 if none does."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        _copy_project(project)
        for file, code in examples.items():
            project.joinpath(file).write_text(code, encoding="utf-8")
        for command in _commands(sorted(examples)):
            tool = str(Path(sys.executable).with_name(command[0]))
            done = subprocess.run([tool, *command[1:]], cwd=project, check=False, capture_output=True, text=True)
            if done.returncode:
                print(f"{done.stdout}{done.stderr}An example of the documents does not pass {command[0]}.")
                return done.returncode
    return 0


def _copy_project(project: Path) -> None:
    """What the checks read, with mypy's memory, without which it takes half a minute."""
    shutil.copytree(ROOT / "app", project / "app", ignore=shutil.ignore_patterns("__pycache__"))
    project.joinpath("infra").mkdir()
    project.joinpath("infra", "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", project)
    if (memory := ROOT / ".mypy_cache").exists():
        shutil.copytree(memory, project / ".mypy_cache")


def _commands(files: list[str]) -> Iterator[list[str]]:
    yield ["ruff", "check", "--quiet", *files]
    yield ["ruff", "format", "--quiet", "--diff", *files]
    yield ["mypy", "--no-error-summary", *files]
    yield ["lint-imports", "--no-cache"]


def main() -> int:
    examples = find_examples([ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))])
    return check(examples)


if __name__ == "__main__":
    sys.exit(main())
