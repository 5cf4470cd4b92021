"""A subject as Lambda's Python runs it: AWS's own runtime client, beside the libraries that Lambda brings."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bench.layout import target_of
from bench.packages import FOLDER, moved_when_done
from bench.subject import Subject
from tests.blocks import ROOT
from tests.runtime.artefact import Artefact, install_libraries
from tests.runtime.emulator import variables


def artefact_of(subject: Subject) -> Artefact:
    """Nothing else is on its path: not this repository either."""
    return Artefact(subject.folder, subject.python, _libraries(subject.python), last=())


def settings_of(subject: Subject, issuer: str, artefact: Artefact) -> Mapping[str, str]:
    return {**subject.variables(issuer), **variables(artefact)}


def _libraries(interpreter: Path) -> Path:
    """Installed once, and again when the lock changes."""
    target = target_of(interpreter)
    locked = hashlib.sha256((ROOT / "requirements/runtime.txt").read_bytes()).hexdigest()[:12]
    folder = FOLDER / f"lambda-{target.python_version}-{locked}"
    if not folder.exists():
        with moved_when_done(folder) as unfinished:
            install_libraries(unfinished, interpreter, target)
    return folder
