"""Write requirements/*.txt from pyproject.toml, or check that they are up to date (`--check`).

Each lock has versions and hashes but no address of an index; pip installs it with --require-hashes.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"


@dataclass(frozen=True)
class Lock:
    """One lock file: the dependencies of the project, or of one of its groups."""

    name: str
    arguments: tuple[str, ...]

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.txt"


LOCKS = (
    Lock("app", ("pyproject.toml", "--extra", "team")),
    # boto3, which it needs, is in Lambda's Python: 32 MB that the artefact does without.
    Lock(
        "worker",
        (
            *("--group", "worker", "--constraint", "requirements/app.txt"),
            *("--excludes", "requirements/worker.exclude"),
        ),
    ),
    # The same versions as in app.txt, so that tests run what is deployed.
    # With extras: for older versions of pip, `coverage` does not satisfy pytest-cov's `coverage[toml]`.
    Lock(
        "dev",
        (
            *("pyproject.toml", "--extra", "team", "--group", "dev"),
            *("--constraint", "requirements/app.txt", "--constraint", "requirements/worker.txt"),
            "--no-strip-extras",
        ),
    ),
    Lock("node", ("--group", "node")),
    Lock("deploy", ("--group", "deploy")),
    Lock("ministack", ("--group", "ministack")),
    Lock("checkov", ("--group", "checkov")),
    Lock("runtime", ("--group", "runtime")),
    # The same versions as in app.txt, so that all servers of a comparison use one version of pydantic.
    Lock("peers", ("--group", "peers", "--constraint", "requirements/app.txt")),
    Lock("converters", ("--group", "converters", "--constraint", "requirements/app.txt")),
    Lock("copier", ("--group", "copier")),
    Lock("clients", ("--group", "clients")),
    Lock("mcp-use", ("--group", "mcp-use")),
    Lock("converters-mcp2", ("--group", "converters-mcp2")),
    Lock(
        "converters-mcp1",
        (
            *("--group", "converters-mcp1", "--excludes", "requirements/converters-mcp1.exclude"),
            # A package without a wheel would run its own code while it is installed.
            *("--only-binary", ":all:"),
        ),
    ),
    Lock("bench", ("--group", "bench", "--constraint", "requirements/app.txt")),
    Lock("bench-chart", ("--group", "bench-chart")),
)
_COMPILE = [
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
]


def resolve(lock: Lock, output: Path, *, upgrade: bool) -> None:
    """Resolve into `output`. Versions that it has already stay, unless `upgrade` is set."""
    uv = Path(sys.executable).parent / "uv"
    newer = ("--upgrade",) if upgrade else ()
    subprocess.run(
        [str(uv), *_COMPILE, *lock.arguments, *newer, "--output-file", str(output)], cwd=ROOT, check=True
    )


def is_current(lock: Lock) -> bool:
    """Whether resolving again, starting from the locked versions, changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / lock.path.name
        again.write_text(lock.path.read_text())
        resolve(lock, again, upgrade=False)
        return again.read_text() == lock.path.read_text()


def main() -> int:
    if "--check" in sys.argv:
        stale = [lock.path.name for lock in LOCKS if not is_current(lock)]
        for name in stale:
            print(
                f"requirements/{name} is out of date with pyproject.toml: run make lock and commit it",
                file=sys.stderr,
            )
        return len(stale)
    for lock in LOCKS:
        resolve(lock, lock.path, upgrade=bool(os.environ.get("UPGRADE")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
