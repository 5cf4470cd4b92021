"""Build what Lambda runs, for RUNTIME and ARCHITECTURE: `python -m infra.deploy.artefact FOLDER`, by sam build."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.deploy.byte_code import compile_artefact
from infra.deploy.interpreter import find_interpreter
from infra.deploy.slim import slim
from infra.deploy.sources import InvalidDeclaration, copy_sources, declared_data, describe_left_out
from infra.deploy.target import InvalidTarget, Target

_REPOSITORY = Path(__file__).parents[2]


def build(folder: Path, target: Target, *, with_examples: bool = False) -> None:
    """Python and declared data of `app/`, the locked wheels of the platform, and `examples/` if asked for.

    Raises:
        InvalidDeclaration: pyproject.toml declares data that cannot be shipped.
    """
    # A file that was deleted from app/ must not live on in a folder from before.
    shutil.rmtree(folder, ignore_errors=True)
    _install(folder, target)
    slim(folder)
    data = declared_data(_REPOSITORY / "pyproject.toml")
    if text := describe_left_out(copy_sources(_REPOSITORY / "app", folder / "app", data)):
        print(text, file=sys.stderr)
    if with_examples:
        copy_sources(_REPOSITORY / "examples", folder / "examples", ("**/*.html",))
    interpreter = find_interpreter(target.python_version)
    if interpreter:
        compile_artefact(folder, interpreter)
    else:
        print(_no_byte_code(target.python_version), file=sys.stderr)


def _install(folder: Path, target: Target) -> None:
    uv = Path(sys.executable).parent / "uv"
    subprocess.run(
        [
            str(uv),
            *("pip", "install", "--quiet"),
            *("--python-version", target.python_version, "--python-platform", target.platform),
            *("--only-binary", ":all:", "--require-hashes"),
            *("--requirements", "requirements/app.txt", "--requirements", "requirements/worker.txt"),
            # The locks are complete, but for boto3, which is in Lambda's Python.
            "--no-deps",
            # Copies: what is done to them must not reach uv's cache.
            *("--link-mode", "copy", "--target", str(folder)),
        ],
        cwd=_REPOSITORY,
        check=True,
    )


def _no_byte_code(version: str) -> str:
    return (
        f"No Python {version} was found, so the artefact has no byte code: it works, and each cold start takes"
        f" about a second more. Install it (`uv python install {version}`, say), or set BUILD_PYTHON to its path."
    )


def main() -> int:
    try:
        with_examples = os.environ.get("EXAMPLES") == "1"
        build(Path(sys.argv[1]), Target.from_environment(os.environ), with_examples=with_examples)
    except (InvalidTarget, InvalidDeclaration) as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{Path(error.cmd[0]).name} failed; its reason is above", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
