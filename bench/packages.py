"""The measured servers as packages for Lambda; they stay in .venv-bench until what they are made of changes."""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from bench import layout, recipes
from bench import tools as generated
from bench.recipes import RECIPES
from bench.subject import Subject
from infra.deploy.interpreter import find_interpreter
from infra.deploy.target import Target
from tests.blocks import ROOT

FOLDER = ROOT / ".venv-bench"
KEYS = tuple(RECIPES)
PREFERRED = "3.13"
_KEPT = 4
"""Packages of ours that stay beside the newest: another run may still read them."""


@cache
def python() -> Path:
    """What Lambda runs by default, where this machine has it; else the Python of the tests."""
    return find_interpreter(PREFERRED) or Path(sys.executable)


def build(key: str, into: Path = FOLDER, *, tools: int = 1) -> Subject:
    """A folder with all that the server imports, and its byte code; one that is already there is used again."""
    recipe, target = RECIPES[key], layout.target_of(python())
    folder = into / f"{key}-{tools}-{_digest(key, target)}"
    if not folder.exists():
        with moved_when_done(folder) as unfinished:
            _lay_out(key, unfinished, target, tools, into)
        _forget_old(folder, f"{key}-{tools}-")
    module = recipe.module if key == "ours" else f"bench.subjects.{recipe.module}"
    return Subject(key, recipe.title, python(), folder, module, recipe.eras)


def without_byte_code(subject: Subject, into: Path = FOLDER) -> Subject:
    """The same with sources alone: what a plain `pip install --target` and a copy give."""
    folder = into / f"sources-{subject.folder.name}"
    if not folder.exists():
        with moved_when_done(folder) as unfinished:
            if subject.key == "ours":
                # The build leaves no sources of packages behind; without an interpreter it leaves nothing else.
                layout.build_ours(unfinished, layout.target_of(subject.python), interpreter=None)
            else:
                layout.link(subject.folder, unfinished, without="__pycache__")
        _forget_old(folder, f"sources-{subject.key}-")
    return replace(subject, folder=folder)


def _lay_out(key: str, folder: Path, target: Target, tools: int, into: Path) -> None:
    print(f"Laying out {key} with {tools} tool{'s' * (tools > 1)} in {into.name} ...", file=sys.stderr)
    if tools > 1:
        layout.link(build(key, into).folder, folder)
        layout.compile_all(layout.add_tools(key, folder, tools), python())
    elif key == "ours":
        layout.build_ours(folder, target, python())
    else:
        layout.install(key, folder, target)
        layout.compile_all(folder, python())


def _digest(key: str, target: Target) -> str:
    """Of all that a package is made of."""
    digest = hashlib.sha256(f"{target.python_version} {target.platform}".encode())
    for file in _sources(key):
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _sources(key: str) -> Iterator[Path]:
    yield from map(Path, (layout.__file__, generated.__file__))
    if key == "ours":
        yield ROOT / "requirements/app.txt"
        yield from sorted((ROOT / "infra/deploy").glob("*.py"))
        yield from (path for path in sorted((ROOT / "app").rglob("*")) if path.is_file() and path.suffix != ".pyc")
    else:
        recipe = RECIPES[key]
        yield recipes.LOCK
        yield from (layout.SUBJECTS / name for name in (*recipe.files, f"{recipe.module}.py"))


@contextmanager
def moved_when_done(folder: Path) -> Iterator[Path]:
    """Nobody sees half of it; of two who make the same, one is as good as the other."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as unfinished:
        made = Path(unfinished) / folder.name
        made.mkdir()
        yield made
        if not folder.exists():
            made.rename(folder)


def _forget_old(newest: Path, prefix: str) -> None:
    others = [path for path in newest.parent.glob(f"{prefix}*") if path != newest]
    for old in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
