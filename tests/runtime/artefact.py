"""What the runtime is given: the artefact for this machine, an interpreter, and what Lambda's Python brings."""

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.deploy.artefact import build
from infra.deploy.interpreter import find_interpreter
from infra.deploy.target import Target
from tests.blocks import ROOT

_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Artefact:
    folder: Path
    interpreter: Path
    libraries: Path
    """awslambdaric and boto3, which Lambda's Python brings."""
    last: tuple[Path, ...] = (ROOT,)
    """Where the tests' own handlers and tools are; `app/` is the artefact's."""

    @property
    def path(self) -> str:
        return os.pathsep.join(map(str, [self.folder, self.libraries, *self.last]))


def emulator() -> Path:
    """AWS's Runtime Interface Emulator, which aws-sam-cli ships."""
    architecture = _ARCHITECTURES[platform.machine()]
    name = f"samcli/local/rapid/aws-lambda-rie-{architecture}"
    found = sorted(ROOT.glob(f".venv-deploy/sam/lib/python*/site-packages/{name}"))
    assert found, "aws-sam-cli is not in .venv-deploy/sam: make runtime puts it there"
    return found[0]


def make_artefact(folder: Path) -> Artefact:
    """Build it anew, as `sam build` does."""
    runtime = os.environ.get("RUNTIME") or _runtime_at_hand()
    target = Target.from_environment({"RUNTIME": runtime, "ARCHITECTURE": _ARCHITECTURES[platform.machine()]})
    interpreter = find_interpreter(target.python_version)
    assert interpreter, f"there is no {runtime} on this machine"
    build(folder / "function", target)
    install_libraries(folder / "libraries", interpreter, target)
    return Artefact(folder / "function", interpreter, folder / "libraries")


def _runtime_at_hand() -> str:
    """The template's default; where that is missing, the Python that runs the tests."""
    return "python3.13" if find_interpreter("3.13") else "python{}.{}".format(*sys.version_info)


def install_libraries(folder: Path, interpreter: Path, target: Target) -> None:
    """What Lambda's Python brings, with its byte code."""
    uv = Path(sys.executable).parent / "uv"
    subprocess.run(
        [
            *(str(uv), "pip", "install", "--quiet", "--target", str(folder)),
            *("--python-version", target.python_version, "--python-platform", target.platform),
            *("--only-binary", ":all:", "--require-hashes", "--requirements", "requirements/runtime.txt"),
        ],
        cwd=ROOT,
        check=True,
    )
    subprocess.run([interpreter, "-m", "compileall", "-q", folder], check=True)
