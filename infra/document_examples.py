"""Check the code examples of the documents with ruff, mypy and the import contracts. `make lint` runs this last.

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


class ConflictingExamples(Exception):
    """Two documents give different content for one file; the message names the file."""


def find_examples(pages: list[Path]) -> dict[str, str]:
    """Find the code of each example, by the name of its file.

    Raises:
        ConflictingExamples: if two documents give different content for one file.
    """
    found: dict[str, str] = {}
    for page in pages:
        for example in _EXAMPLE.finditer(page.read_text(encoding="utf-8")):
            if found.setdefault(example["file"], example["code"]) != example["code"]:
                raise ConflictingExamples(f"{example['file']} is in the documents twice, with different content")
    return found


def check(examples: dict[str, str]) -> int:
    """Save the examples in a copy of the project and check them. Returns the first non-zero exit status, or 0."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        _copy_project(project)
        for file, code in examples.items():
            project.joinpath(file).write_text(code, encoding="utf-8")
        for command in _commands(sorted(examples)):
            tool = str(Path(sys.executable).with_name(command[0]))
            finished = subprocess.run(
                [tool, *command[1:]], cwd=project, check=False, capture_output=True, text=True
            )
            if finished.returncode:
                print(f"{finished.stdout}{finished.stderr}An example of the documents does not pass {command[0]}.")
                return finished.returncode
    return 0


def _copy_project(project: Path) -> None:
    """Copy the files that the checks read, and mypy's cache: without it mypy takes half a minute."""
    shutil.copytree(ROOT / "app", project / "app", ignore=shutil.ignore_patterns("__pycache__"))
    project.joinpath("infra").mkdir()
    project.joinpath("infra", "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", project)
    if (cache := ROOT / ".mypy_cache").exists():
        shutil.copytree(cache, project / ".mypy_cache")


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
