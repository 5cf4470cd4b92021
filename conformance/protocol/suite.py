"""The suite itself, which Node runs: one revision of the specification, and what came of each scenario."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.blocks import ROOT

NODE = ROOT / ".venv/bin/node"
PACKAGE = Path(__file__).with_name("node") / "node_modules/@modelcontextprotocol/conformance"
EXPECTED_FAILURES = Path(__file__).with_name("expected-failures.yml")
_FOLDER = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d{2}-\d{2}T[\dZ-]+")

MISSING = ("it did not run",)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scenario found out."""

    scenario: str
    unscored: str = ""
    """Why the revision does not count it, such as "extension"; empty if it does."""
    passed: int = 0
    """Checks."""
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """These fail no scenario; but with a list of expected failures the suite wants them on it too."""

    @property
    def is_pass(self) -> bool:
        return not self.failures

    @property
    def is_missing(self) -> bool:
        return self.failures == MISSING


def run(revision: str, url: str, folder: Path) -> int:
    """Run every scenario that the revision requires; the suite's exit status.

    Each scenario's checks are in a folder of its own under `folder`, what the suite prints in its output.txt.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command: list[str | Path] = [NODE, PACKAGE / "dist/index.js", "server"]
    command += ["--url", url, "--requirements", revision]
    command += ["--expected-failures", EXPECTED_FAILURES, "--output-dir", folder]
    with (folder / "output.txt").open("wb") as output:
        # A session of its own: Node's launcher is a parent, and both have to go if this run is ended early.
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def outcomes(folder: Path, requirements: Mapping[str, Any]) -> list[Outcome]:
    """In the order of the requirements, those that are scored first. One that did not run has failed."""
    found = dict(_checks(folder))
    unscored = {each["scenario"]: each["reason"] for each in requirements["not_scored"] if each["leg"] == "server"}
    return [
        _outcome(name, unscored.get(name, ""), found.get(name)) for name in [*requirements["server"], *unscored]
    ]


def requirements(revision: str) -> dict[str, Any]:
    """The suite's own list of what a revision requires."""
    content: dict[str, Any] = yaml.safe_load((PACKAGE / f"requirements/{revision}.yaml").read_text())
    return content


def expected_failures() -> list[str]:
    return list(yaml.safe_load(EXPECTED_FAILURES.read_text())["server"])


def _checks(folder: Path) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    for file in sorted(folder.glob("*/checks.json")):
        if (name := _FOLDER.fullmatch(file.parent.name)) is not None:
            yield name["scenario"], json.loads(file.read_text())


def _outcome(name: str, unscored: str, checks: Sequence[Mapping[str, Any]] | None) -> Outcome:
    if checks is None:
        return Outcome(name, unscored, 0, MISSING)
    passed = sum(each["status"] == "SUCCESS" for each in checks)
    return Outcome(name, unscored, passed, _told(checks, "FAILURE"), _told(checks, "WARNING"))


def _told(checks: Sequence[Mapping[str, Any]], status: str) -> tuple[str, ...]:
    return tuple(
        f"{each['id']}: {each.get('errorMessage') or each['description']}"
        for each in checks
        if each["status"] == status
    )
